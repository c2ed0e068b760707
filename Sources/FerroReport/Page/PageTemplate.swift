// SPDX-License-Identifier: GPL-3.0-or-later

/// The page as a Mustache template. It is part of the program, so that an installed binary needs no file beside it.
///
/// Two braces escape what they show; three show figures and style, which are made here and escape their own text.
enum PageTemplate {
    static let text = """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'{{#explore}}; script-src 'unsafe-inline'{{/explore}}">
        <meta name="generator" content="Ferrospike {{version}}">
        <title>{{header.title}}</title>
        <style>{{{style}}}</style>
        </head>
        <body>
        <main>
        <header>
        <h1>{{header.title}}</h1>
        {{#header.summary}}<p class="lead">{{.}}</p>
        {{/header.summary}}
        </header>

        \(answers)
        \(figures)
        \(records)
        </main>
        {{#explore}}
        <script type="application/json" id="explore-index">{{{index}}}</script>
        <script type="text/plain" id="explore-library">{{{library}}}</script>
        <script>{{{script}}}</script>
        {{/explore}}
        </body>
        </html>

        """
}
