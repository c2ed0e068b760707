// SPDX-License-Identifier: GPL-3.0-or-later

extension PageTemplate {
    /// What the study answers: failures before all, verdicts, and what the data can and cannot support.
    static let answers = """
        {{#failures}}
        <section class="failures" aria-labelledby="failures">
        <h2 id="failures">{{heading}}</h2>
        <ul>
        {{#failures}}<li><strong>{{recording}}</strong> ({{detail}}): <span class="message">{{message}}</span></li>
        {{/failures}}
        {{#doubts}}<li>{{.}}</li>
        {{/doubts}}
        </ul>
        </section>
        {{/failures}}

        {{#verdicts}}
        <section aria-labelledby="verdicts">
        <h2 id="verdicts">{{#hasTreated}}Verdicts{{/hasTreated}}{{^hasTreated}}Perturbation{{/hasTreated}}</h2>
        {{#withoutTreated}}<p>{{.}}</p>{{/withoutTreated}}
        <div class="wide" tabindex="0" role="region" aria-label="Table">
        <table class="glance">
        <thead><tr><th scope="col">Outcome</th><th scope="col">{{perturbedHeading}}</th>{{#treatments}}<th scope="col">{{.}}</th>{{/treatments}}</tr></thead>
        <tbody>
        {{#lines}}<tr><th scope="row">{{outcome}}{{#primary}} <span class="primary">primary</span>{{/primary}}</th><td class="number">{{perturbation}}</td>{{#cells}}<td>{{#badge}}<span class="badge {{style}}"><span class="mark" aria-hidden="true">{{mark}}</span> {{word}}</span>{{/badge}}<span class="number under{{#isLong}} wrap{{/isLong}}">{{text}}</span></td>{{/cells}}</tr>
        {{/lines}}
        </tbody>
        </table>
        </div>
        {{#hasTreated}}
        <details class="rules">
        <summary>How a verdict is reached</summary>
        <p>The rescue index R = (perturbed − treated)/(perturbed − control) is 0 without rescue and 1 where the treated group equals control. Its 95 % interval decides; no p-value does. The first line that holds is the verdict, an index that is undefined is undetermined:</p>
        <dl>
        {{#rules}}<dt>{{#badge}}<span class="badge {{style}}"><span class="mark" aria-hidden="true">{{mark}}</span> {{word}}</span>{{/badge}}</dt><dd>{{rule}}</dd>
        {{/rules}}
        </dl>
        </details>
        {{/hasTreated}}

        {{#outcomes}}
        <section class="outcome">
        <h3>{{heading}}{{#primary}} <span class="primary">primary</span>{{/primary}}</h3>
        <p>{{perturbation}}</p>
        {{#cards}}
        <article class="card{{#badge}} {{style}}{{/badge}}">
        {{#treatment}}<h4>{{#badge}}<span class="badge {{style}}"><span class="mark" aria-hidden="true">{{mark}}</span> {{word}}</span>{{/badge}} {{.}}</h4>{{/treatment}}
        {{#sentence}}<p class="sentence">{{.}}</p>{{/sentence}}
        <details{{#open}} open{{/open}}>
        <summary>Contrasts{{#treatment}} and equivalence{{/treatment}}</summary>
        <div class="wide" tabindex="0" role="region" aria-label="Table">
        <table class="contrasts">
        <thead><tr><th scope="col">Contrast</th><th scope="col">{{unitHeading}}</th><th scope="col">p ({{testName}})</th><th scope="col">p (permutation)</th><th scope="col">smallest attainable</th><th scope="col">{{adjustment}}</th></tr></thead>
        <tbody>
        {{#contrasts}}<tr><th scope="row">{{name}}</th><td>{{estimate}}</td><td>{{welch}}</td><td>{{permutation}}</td><td>{{smallest}}</td><td>{{adjusted}}</td></tr>
        {{/contrasts}}
        </tbody>
        </table>
        </div>
        {{#hasMixed}}
        <div class="wide" tabindex="0" role="region" aria-label="Table">
        <table class="contrasts mixed">
        <thead><tr><th scope="col">Mixed model</th><th scope="col">{{unitHeading}}</th><th scope="col">df</th><th scope="col">p</th></tr></thead>
        <tbody>
        {{#mixed}}<tr><th scope="row">{{name}}</th><td>{{estimate}}</td><td>{{degreesOfFreedom}}</td><td>{{p}}</td></tr>
        {{/mixed}}
        </tbody>
        </table>
        </div>
        {{/hasMixed}}
        <p class="small">{{mixedSentence}}</p>
        {{#intervals}}<p class="small">{{.}}</p>{{/intervals}}
        <p class="small">{{equivalence}} {{sizes}}</p>
        </details>
        {{#warnings}}<p class="warning">{{.}}</p>
        {{/warnings}}
        </article>
        {{/cards}}
        </section>
        {{/outcomes}}
        </section>
        {{/verdicts}}

        {{#limits}}
        <section aria-labelledby="limits">
        <h2 id="limits">What these data can and cannot support</h2>
        <div class="limits">
        <div><h3>They can</h3>
        <ul>
        {{#can}}<li>{{.}}</li>
        {{/can}}
        </ul></div>
        {{#hasCannot}}<div><h3>They cannot</h3>
        <ul>
        {{#cannot}}<li>{{.}}</li>
        {{/cannot}}
        </ul></div>{{/hasCannot}}
        </div>
        {{#hasNotes}}<h3>Noted in the study file</h3>
        <ul>
        {{#notes}}<li>{{.}}</li>
        {{/notes}}
        </ul>{{/hasNotes}}
        </section>
        {{/limits}}

        """
}
