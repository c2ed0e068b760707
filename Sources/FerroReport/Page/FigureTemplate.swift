// SPDX-License-Identifier: GPL-3.0-or-later

extension PageTemplate {
    /// Figures and the tables beside them, from estimation plots to spectra.
    static let figures = """
        {{#outcomes}}
        <section aria-labelledby="figures">
        <h2 id="figures">Figures</h2>
        {{#forest}}
        {{> figure}}
        {{/forest}}
        {{#figures}}
        {{> figure}}
        {{/figures}}
        </section>
        {{/outcomes}}

        {{#unexplored}}<p class="small">{{.}}</p>{{/unexplored}}
        {{#explore}}
        <section id="explore" aria-labelledby="explore-heading" hidden>
        <h2 id="explore-heading">Explore</h2>
        <p>{{shown}}, as analysed. Point at a mark for its name, select one to light up its {{unit}} here and in the figures of the page, drag over a range of the axis to enlarge it. What is chosen here changes no result.</p>
        <div class="controls">
        <label>Outcome <select id="explore-outcome"></select></label>
        <label>Axis <select id="explore-scale"><option value="linear">linear</option><option value="log">logarithmic</option></select></label>
        <label>Along <select id="explore-place"></select></label>
        <label>Colour <select id="explore-colour"></select></label>
        <label>Highlight <select id="explore-subject"></select></label>
        <label>Unit <select id="explore-unit"></select></label>
        <span><label>From <input id="explore-from" type="number" step="any"></label> <label>to <input id="explore-to" type="number" step="any"></label> <button id="explore-whole" type="button">Whole range</button></span>
        </div>
        <div id="explore-chart" class="plot"></div>
        <p id="explore-said" class="small" aria-live="polite"></p>
        <div id="explore-hint" role="presentation" hidden></div>
        </section>
        {{/explore}}

        {{#distributions}}
        <section aria-labelledby="distributions">
        <h2 id="distributions">Distributions</h2>
        <p>A mean can return while the units behind it do not. This part looks at the units; it never enters a verdict, and its p-values are not adjusted.</p>
        {{#figures}}
        <figure class="long">
        <h3>{{heading}}</h3>
        {{#sentences}}<p>{{.}}</p>
        {{/sentences}}
        <div class="plot">{{{svg}}}</div>
        <figcaption>{{caption}}</figcaption>
        {{#download}}{{> downloads}}{{/download}}
        <details>
        <summary>Distances between distributions</summary>
        <div class="wide" tabindex="0" role="region" aria-label="Table">
        <table>
        <thead><tr><th scope="col">{{groupHeading}}</th><th scope="col">units in the control range</th><th scope="col">distance to control</th><th scope="col">p (permutation)</th>{{#hasTreated}}<th scope="col">distance to perturbed</th><th scope="col">p (permutation)</th>{{/hasTreated}}</tr></thead>
        <tbody>
        {{#lines}}<tr><th scope="row">{{group}}</th><td class="number">{{share}}</td><td class="number">{{toControl}}</td><td>{{controlP}}<span class="number under">{{controlLeast}}</span></td>{{#hasTreated}}<td class="number">{{toPerturbed}}</td><td>{{perturbedP}}<span class="number under">{{perturbedLeast}}</span></td>{{/hasTreated}}</tr>
        {{/lines}}
        </tbody>
        </table>
        </div>
        <p class="small">Wasserstein's distance of order 1 on the analysis scale: how far a unit moves on average to make one distribution the other.</p>
        </details>
        </figure>
        {{/figures}}
        </section>
        {{/distributions}}

        {{#behaviour}}
        <section aria-labelledby="behaviour">
        <h2 id="behaviour">Behaviour beside firing</h2>
        <p>Behaviours have one value a {{unit}} and are judged by the rule of the verdicts. They are a family of their own and enter no verdict on firing.</p>
        {{#sentences}}<p>{{.}}</p>
        {{/sentences}}
        <div class="wide" tabindex="0" role="region" aria-label="Table">
        <table class="glance">
        <thead><tr><th scope="col">Behaviour</th><th scope="col">{{perturbedHeading}}</th>{{#treatments}}<th scope="col">{{.}}</th>{{/treatments}}</tr></thead>
        <tbody>
        {{#lines}}<tr><th scope="row">{{outcome}}</th><td class="number">{{perturbation}}</td>{{#cells}}<td>{{#badge}}<span class="badge {{style}}"><span class="mark" aria-hidden="true">{{mark}}</span> {{word}}</span>{{/badge}}<span class="number under{{#isLong}} wrap{{/isLong}}">{{text}}</span></td>{{/cells}}</tr>
        {{/lines}}
        </tbody>
        </table>
        </div>
        {{#figures}}
        {{> figure}}
        {{/figures}}
        </section>
        {{/behaviour}}

        {{#treatedControls}}
        <section aria-labelledby="treated-controls">
        <h2 id="treated-controls">Treated controls</h2>
        <p>What a treatment does to controls is no rescue. The difference of differences is its effect under the perturbation beyond that in controls; it has Welch's test alone, since no exact permutation test of an interaction exists. These p-values are not adjusted.</p>
        {{#outcomes}}
        <h3>{{heading}}</h3>
        <p>{{sentence}}</p>
        <div class="wide" tabindex="0" role="region" aria-label="Table">
        <table class="contrasts">
        <thead><tr><th scope="col">Effect</th><th scope="col">{{unitHeading}}</th><th scope="col">p (Welch)</th><th scope="col">p (permutation)</th><th scope="col">smallest attainable</th></tr></thead>
        <tbody>
        {{#lines}}<tr><th scope="row">{{name}}</th><td>{{estimate}}</td><td>{{welch}}</td><td>{{permutation}}</td><td>{{smallest}}</td></tr>
        {{/lines}}
        </tbody>
        </table>
        </div>
        {{/outcomes}}
        </section>
        {{/treatedControls}}

        {{#doses}}
        <section aria-labelledby="doses">
        <h2 id="doses">Doses</h2>
        <p>The slope is the linear contrast of the group means over the order of doses, the perturbed group being dose 0: the mean change from one dose to the next. A plateau or a turn is not seen in it; look at the figure. The p-values are not adjusted.</p>
        {{#sentences}}<p>{{.}}</p>
        {{/sentences}}
        <div class="wide" tabindex="0" role="region" aria-label="Table">
        <table class="contrasts">
        <thead><tr><th scope="col">Outcome</th><th scope="col">slope a dose [95 % interval]</th><th scope="col">p (Welch)</th><th scope="col">p (permutation)</th><th scope="col">smallest attainable</th></tr></thead>
        <tbody>
        {{#lines}}<tr><th scope="row">{{name}}</th><td>{{estimate}}</td><td>{{welch}}</td><td>{{permutation}}</td><td>{{smallest}}</td></tr>
        {{/lines}}
        </tbody>
        </table>
        </div>
        </section>
        {{/doses}}

        {{#covariates}}
        <section aria-labelledby="covariates">
        <h2 id="covariates">Covariates</h2>
        <p>Spearman's rank correlations of {{unitHeading}}. Within groups, ranks are taken inside each group, so that a difference between groups is no association. The p-values permute {{unitHeading}} and are not adjusted.</p>
        {{#figures}}
        <figure class="long">
        <h3>{{heading}}</h3>
        <p>{{sentence}}</p>
        <div class="plot">{{{svg}}}</div>
        {{#download}}{{> downloads}}{{/download}}
        <div class="wide" tabindex="0" role="region" aria-label="Table">
        <table>
        <thead><tr><th scope="col">Among</th><th scope="col">n</th><th scope="col">Spearman's ρ</th><th scope="col">p (permutation)</th><th scope="col">smallest attainable</th></tr></thead>
        <tbody>
        {{#lines}}<tr><th scope="row">{{scope}}</th><td>{{n}}</td><td>{{rho}}</td><td>{{p}}</td><td>{{least}}</td></tr>
        {{/lines}}
        </tbody>
        </table>
        </div>
        </figure>
        {{/figures}}
        </section>
        {{/covariates}}

        {{#mediation}}
        <section aria-labelledby="mediation">
        <h2 id="mediation">Mediation</h2>
        <p>From X through M to Y by least squares of {{unitHeading}}: a is the slope of M on X, b that of Y on M with X held, c′ the direct slope of Y on X with M held, and ab the part of the total slope that runs through M. The interval of ab is that of a percentile bootstrap of {{unitHeading}}.</p>
        {{#paths}}
        <h3>{{heading}}</h3>
        <p>{{sentence}}</p>
        <div class="wide" tabindex="0" role="region" aria-label="Table">
        <table>
        <thead><tr><th scope="col">Among</th><th scope="col">n</th><th scope="col">a (se)</th><th scope="col">b (se)</th><th scope="col">direct c′ (se)</th><th scope="col">total c (se)</th><th scope="col">indirect ab [95 % interval]</th></tr></thead>
        <tbody>
        {{#lines}}<tr><th scope="row">{{scope}}</th><td>{{n}}</td><td>{{a}}</td><td>{{b}}</td><td>{{direct}}</td><td>{{total}}</td><td>{{indirect}}</td></tr>
        {{/lines}}
        </tbody>
        </table>
        </div>
        {{/paths}}
        <h3>What such a path does not show</h3>
        <ul>
        {{#caveats}}<li>{{.}}</li>
        {{/caveats}}
        </ul>
        </section>
        {{/mediation}}

        {{#examples}}
        <section aria-labelledby="examples">
        <h2 id="examples">Example recordings</h2>
        {{#examples}}
        <figure>
        <h3>{{heading}}</h3>
        <p class="small">{{choice}}</p>
        {{#note}}<p class="warning">{{.}}</p>{{/note}}
        {{#raster}}<div class="plot">{{{.}}}</div><figcaption>{{rasterCaption}}</figcaption>{{#rasterDownload}}{{> downloads}}{{/rasterDownload}}{{/raster}}
        {{#voltage}}<div class="plot">{{{.}}}</div><figcaption>{{voltageCaption}}</figcaption>{{#voltageDownload}}{{> downloads}}{{/voltageDownload}}{{/voltage}}
        </figure>
        {{/examples}}
        </section>
        {{/examples}}

        {{#trains}}
        <section aria-labelledby="trains">
        <h2 id="trains">Spike trains</h2>
        {{#figures}}
        {{> figure}}
        {{/figures}}
        {{#note}}<p class="small">{{.}}</p>{{/note}}
        </section>
        {{/trains}}

        {{#spectra}}
        <section aria-labelledby="spectra">
        <h2 id="spectra">Power spectra</h2>
        {{#figures}}
        <figure>
        <div class="plot">{{{svg}}}</div>
        <figcaption>{{caption}}</figcaption>
        {{#download}}{{> downloads}}{{/download}}
        </figure>
        {{/figures}}
        {{#note}}<p class="warning">{{.}}</p>{{/note}}
        </section>
        {{/spectra}}

        """

    /// A figure with its heading, its caption and its files.
    static let figure = """
        <figure>
        <h3>{{heading}}</h3>
        <div class="plot">{{{svg}}}</div>
        <figcaption>{{caption}}</figcaption>
        {{#download}}{{> downloads}}{{/download}}
        </figure>
        """

    /// The files of a figure.
    static let downloads = """
        <p class="downloads"><a download="{{svgFile}}" href="{{{svgLink}}}" aria-label="Figure (SVG): {{title}}">Figure (SVG)</a> <a download="{{csvFile}}" href="{{{csvLink}}}" aria-label="Data (CSV): {{title}}">Data (CSV)</a>{{#units}} <a download="{{file}}" href="{{{link}}}" aria-label="Units (CSV): {{title}}">Units (CSV)</a>{{/units}}</p>
        """
}
