// SPDX-License-Identifier: GPL-3.0-or-later

/// The style of the page, on screen and on paper. Fonts are the reader's own; nothing is loaded.
enum ReportStyle {
    static let css = """
        :root { --ink: #222; --soft: #5c5c5c; --rule: #d4d4d4; --ground: #fff; --tint: #f6f6f6; }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--ground); color: var(--ink); font: 15.5px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", Arial, sans-serif; }
        main { max-width: 1100px; margin: 0 auto; padding: 32px 28px 64px; }
        h1 { font-size: 27px; line-height: 1.25; margin: 0 0 12px; letter-spacing: -0.01em; }
        h2 { font-size: 20px; margin: 44px 0 12px; padding-bottom: 5px; border-bottom: 2px solid var(--ink); }
        h3 { font-size: 16.5px; margin: 26px 0 6px; }
        h4 { font-size: 15.5px; margin: 0 0 6px; }
        h1, h2, h3, h4, p, li, dd { overflow-wrap: anywhere; }
        th, td { overflow-wrap: break-word; }
        p { margin: 6px 0; max-width: 88ch; }
        .lead { font-size: 16px; }
        .small, figcaption { font-size: 13.5px; color: var(--soft); }
        .wide { overflow-x: auto; }
        table { border-collapse: collapse; width: 100%; font-size: 13.5px; font-variant-numeric: tabular-nums lining-nums; margin: 8px 0; }
        th, td { padding: 5px 10px 5px 0; vertical-align: top; text-align: right; }
        thead th { font-weight: 600; color: var(--soft); border-bottom: 1px solid var(--ink); vertical-align: bottom; }
        tbody th { font-weight: 400; }
        tbody tr { border-bottom: 1px solid var(--rule); }
        tbody tr.first { border-top: 1px solid #888; }
        th:first-child, th.text, td.text, tbody th { text-align: left; }
        td + td.text, th + td.text, th + th.text { padding-left: 10px; }
        .glance th, .glance td { text-align: left; padding-right: 18px; }
        .glance tbody th { font-weight: 600; }
        .contrasts tbody th { min-width: 14em; }
        .contrasts { table-layout: fixed; min-width: 780px; }
        .contrasts th:nth-child(1) { width: 28%; } .contrasts th:nth-child(2) { width: 22%; } .contrasts th:nth-child(3) { width: 10%; } .contrasts th:nth-child(4) { width: 16%; }
        .number { font-variant-numeric: tabular-nums lining-nums; white-space: nowrap; }
        .under { display: block; margin-top: 3px; color: var(--soft); }
        .wrap { white-space: normal; }
        .facts { width: auto; }
        .facts th { color: var(--soft); padding-right: 24px; white-space: nowrap; }
        .hash { font-family: ui-monospace, Menlo, Consolas, monospace; font-size: 11px; word-break: break-all; }
        .primary { font-size: 11px; font-weight: 600; letter-spacing: 0.04em; text-transform: uppercase; color: var(--soft); border: 1px solid var(--soft); border-radius: 3px; padding: 0 4px; white-space: nowrap; }
        .badge { display: inline-block; font-weight: 600; font-size: 13.5px; line-height: 1.35; padding: 1px 9px 1px 7px; border-radius: 3px; border: 1px solid; border-left-width: 5px; white-space: nowrap; color: var(--ink); }
        .mark { display: inline-block; min-width: 1.1em; text-align: center; }
        .badge.v-normalized { border-color: #009e73; background: #e3f4ee; }
        .badge.v-over { border-color: #cc79a7; background: #f9eef4; }
        .badge.v-partial { border-color: #e69f00; background: #fdf3dd; }
        .badge.v-unresolved { border-color: #56b4e9; background: #eaf5fc; }
        .badge.v-none { border-color: #d55e00; background: #fbebe0; }
        .badge.v-undetermined { border-color: #777; background: #f0f0f0; }
        .card { border: 1px solid var(--rule); border-left: 5px solid #999; border-radius: 3px; padding: 10px 16px 8px; margin: 10px 0; }
        .card.v-normalized { border-left-color: #009e73; }
        .card.v-over { border-left-color: #cc79a7; }
        .card.v-partial { border-left-color: #e69f00; }
        .card.v-unresolved { border-left-color: #56b4e9; }
        .card.v-none { border-left-color: #d55e00; }
        .card.v-undetermined { border-left-color: #777; }
        .sentence { font-size: 15.5px; }
        .warning { font-size: 13.5px; padding-left: 22px; position: relative; margin: 3px 0; }
        .warning::before { content: "!"; position: absolute; left: 0; top: 2px; width: 15px; height: 15px; line-height: 15px; text-align: center; font-size: 11px; font-weight: 700; border: 1px solid var(--ink); border-radius: 50%; }
        .failures { border: 2px solid #d55e00; background: #fdf3ec; border-radius: 3px; padding: 10px 18px; margin-top: 22px; }
        .failures h2 { margin: 0 0 6px; border: 0; padding: 0; font-size: 17px; }
        .failures ul { margin: 0; padding-left: 20px; }
        .message { white-space: pre-wrap; }
        .s-failed { font-weight: 700; color: #a34700; }
        .s-pending { font-style: italic; }
        figure { margin: 14px 0 26px; }
        figure h3 { margin-top: 0; }
        figcaption { max-width: 100ch; margin-top: 4px; }
        .plot { overflow-x: auto; }
        .downloads { font-size: 13px; margin: 4px 0 8px; }
        .downloads a { color: #00558a; margin-right: 14px; }
        .references { font-size: 13.5px; padding-left: 20px; max-width: 88ch; }
        .plot svg { display: block; max-width: 100%; height: auto; font-family: inherit; font-variant-numeric: tabular-nums lining-nums; }
        details { margin: 6px 0; }
        summary { cursor: pointer; color: #00558a; font-size: 13.5px; width: fit-content; }
        summary:focus-visible, pre:focus-visible, a:focus-visible, .wide:focus-visible { outline: 2px solid #0072b2; outline-offset: 2px; }
        .rules dl { display: grid; grid-template-columns: max-content 1fr; gap: 6px 14px; font-size: 14px; margin: 8px 0; }
        .rules dd { margin: 0; }
        .limits { display: grid; grid-template-columns: 1fr 1fr; gap: 0 28px; } .limits h3 { margin: 0 0 4px; }
        #limits ~ ul, #mediation ~ ul, .limits ul { padding-left: 20px; margin: 4px 0 10px; max-width: 88ch; }
        .controls { display: flex; flex-wrap: wrap; gap: 8px 16px; align-items: center; margin: 10px 0; font-size: 13.5px; }
        .controls select, .controls input, .controls button { font: inherit; padding: 2px 6px; max-width: 260px; }
        .controls input { width: 7em; }
        .controls :focus-visible { outline: 2px solid #0072b2; outline-offset: 1px; }
        #explore-chart { min-height: 380px; } #explore-chart .mark-symbol path { cursor: pointer; } #explore-chart text { font-family: inherit !important; }
        #explore-hint { position: fixed; z-index: 1; pointer-events: none; background: #fff; border: 1px solid #888; border-radius: 3px; padding: 4px 8px; font-size: 12.5px; line-height: 1.35; max-width: 320px; overflow-wrap: anywhere; }
        #explore-hint div:first-child { font-weight: 600; }
        svg [data-s] { cursor: pointer; }
        pre { background: var(--tint); border: 1px solid var(--rule); padding: 12px; overflow-x: auto; font: 12.5px/1.45 ui-monospace, Menlo, Consolas, monospace; }
        @media (max-width: 700px) { main { padding: 20px 14px 40px; } .rules dl, .limits { grid-template-columns: 1fr; } .plot svg { min-width: 640px; } #explore-chart svg { min-width: 0; } }
        @page { size: A4; margin: 15mm 14mm; }
        @media print {
          body { font-size: 10pt; }
          main { max-width: none; padding: 0; }
          h1 { font-size: 17pt; } h2 { font-size: 13pt; margin-top: 20pt; } h3 { font-size: 11pt; } h4 { font-size: 10pt; }
          .lead, .sentence { font-size: 10pt; }
          table, .small, figcaption, .warning, summary, .badge { font-size: 8.5pt; }
          th, td { padding-right: 7px; }
          .contrasts { min-width: 0; }
          .hash { font-size: 6.5pt; }
          h2, h3, h4, summary, thead, .outcome > p { break-after: avoid; }
          figure, .plot, .wide, tr, pre, .failures li { break-inside: avoid; }
          figure.long, #groups ~ .wide, #recordings ~ details .wide, #provenance ~ details .wide { break-inside: auto; }
          figcaption { break-before: avoid; } figure.long > p { break-after: avoid; }
          .card { box-decoration-break: clone; }
          thead { display: table-header-group; }
          .wide, .plot { overflow: visible; }
          .plot svg { max-height: 235mm; }
          pre { white-space: pre-wrap; overflow-wrap: anywhere; font-size: 8pt; }
          .badge, .card, .failures, .plot svg { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
          .downloads, .controls, #explore > p:first-of-type, #explore-hint, .notice { display: none; }
          summary { color: var(--soft); list-style: none; }
          details::details-content { content-visibility: visible; display: block; height: auto; }
        }
        """
}
