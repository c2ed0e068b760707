// SPDX-License-Identifier: GPL-3.0-or-later

extension PageTemplate {
    /// What was done with what: exclusions, groups, recordings, methods, provenance.
    static let records = """
        {{#exclusions}}
        <section aria-labelledby="exclusions">
        <h2 id="exclusions">Exclusions</h2>
        <p>{{summary}}</p>
        {{#warnings}}<p class="warning">{{.}}</p>
        {{/warnings}}
        <figure>
        <div class="plot">{{{svg}}}</div>
        {{#download}}{{> downloads}}{{/download}}
        </figure>
        </section>
        {{/exclusions}}

        {{#groups}}
        <section aria-labelledby="groups">
        <h2 id="groups">Groups</h2>
        <div class="wide" tabindex="0" role="region" aria-label="Table">
        <table>
        <thead><tr><th scope="col">Outcome</th><th scope="col" class="text">{{groupHeading}}</th><th scope="col" class="text">Role</th><th scope="col">n</th><th scope="col">{{unitHeading}}</th><th scope="col">mean</th><th scope="col">95 % interval</th><th scope="col">sd</th></tr></thead>
        <tbody>
        {{#lines}}<tr{{#isFirst}} class="first"{{/isFirst}}><th scope="row">{{outcome}}</th><td class="text">{{group}}</td><td class="text">{{role}}</td><td>{{n}}</td><td>{{units}}</td><td>{{mean}}</td><td>{{interval}}</td><td>{{sd}}</td></tr>
        {{/lines}}
        </tbody>
        </table>
        </div>
        {{#hasLog}}<p class="small">On the log scale the mean is geometric, and sd is that of natural logarithms.</p>{{/hasLog}}
        </section>
        {{/groups}}

        {{#recordings}}
        <section aria-labelledby="recordings">
        <h2 id="recordings">Recordings</h2>
        {{#notes}}<p class="warning">{{.}}</p>
        {{/notes}}
        <details>
        <summary>{{count}}</summary>
        <div class="wide" tabindex="0" role="region" aria-label="Table">
        <table>
        <thead><tr><th scope="col">Recording</th><th scope="col" class="text">Subject</th>{{#hasCages}}<th scope="col" class="text">Cage</th>{{/hasCages}}{{#hasGroups}}<th scope="col" class="text">Group</th>{{/hasGroups}}{{#hasOccasions}}<th scope="col" class="text">{{occasionHeading}}</th>{{/hasOccasions}}<th scope="col" class="text">Status</th><th scope="col">units</th><th scope="col">spikes</th>{{#hasWarnings}}<th scope="col" class="text">Warnings</th>{{/hasWarnings}}</tr></thead>
        <tbody>
        {{#lines}}<tr><th scope="row">{{recording}}</th><td class="text">{{subject}}</td>{{#hasCages}}<td class="text">{{cage}}</td>{{/hasCages}}{{#hasGroups}}<td class="text">{{group}}</td>{{/hasGroups}}{{#hasOccasions}}<td class="text">{{occasion}}</td>{{/hasOccasions}}<td class="text {{statusStyle}}">{{status}}</td><td>{{units}}</td><td>{{spikes}}</td>{{#hasWarnings}}<td class="text">{{#warnings}}{{.}} {{/warnings}}</td>{{/hasWarnings}}</tr>
        {{/lines}}
        </tbody>
        </table>
        </div>
        </details>
        </section>
        {{/recordings}}

        <section aria-labelledby="methods">
        <h2 id="methods">Methods</h2>
        {{#methods}}<p>{{.}}</p>
        {{/methods}}
        <h3>References</h3>
        <ul class="references">
        {{#references}}<li>{{.}}</li>
        {{/references}}
        </ul>
        </section>

        {{#provenance}}
        <section aria-labelledby="provenance">
        <h2 id="provenance">Provenance</h2>
        {{#mixture}}<p class="warning">{{.}}</p>{{/mixture}}
        <table class="facts"><tbody>
        {{#facts}}<tr><th scope="row">{{name}}</th><td class="text">{{value}}</td></tr>
        {{/facts}}
        </tbody></table>
        {{#pipeline}}
        <details>
        <summary>Resolved pipeline of {{pipelineOf}}</summary>
        <pre tabindex="0">{{.}}</pre>
        </details>
        {{/pipeline}}
        {{#hasInputs}}
        <details>
        <summary>Input files</summary>
        <div class="wide" tabindex="0" role="region" aria-label="Table">
        <table>
        <thead><tr><th scope="col">Recording</th><th scope="col" class="text">File</th><th scope="col">Size</th><th scope="col" class="text">Format and series</th><th scope="col">Rate</th><th scope="col">channels</th><th scope="col">segments</th><th scope="col" class="text">Hash</th></tr></thead>
        <tbody>
        {{#inputs}}<tr><th scope="row">{{recording}}</th><td class="text">{{file}}</td><td>{{size}}</td><td class="text">{{format}}</td><td>{{rate}}</td><td>{{channels}}</td><td>{{segments}}</td><td class="text hash">{{hash}}</td></tr>
        {{/inputs}}
        </tbody>
        </table>
        </div>
        </details>
        {{/hasInputs}}
        {{#notice}}
        <details class="notice">
        <summary>Copyright and licence of the charting library in this page</summary>
        <pre tabindex="0">{{.}}</pre>
        </details>
        {{/notice}}
        </section>
        {{/provenance}}
        """
}
