// SPDX-License-Identifier: GPL-3.0-or-later

/// What runs in the page: it unpacks the charting library, reads the values from the files that the page holds, and draws them as asked.
///
/// Vega's expressions are interpreted, never compiled, so that the page can forbid code made of text. Where a browser lacks something the part
/// stays hidden, and the page is what it is without it.
enum ExploreScript {
    static let text = #"""
        (async () => {
        'use strict';
        const part = name => document.getElementById('explore-' + name);
        const section = document.getElementById('explore');
        const index = JSON.parse(part('index').textContent);
        const bytes = text => Uint8Array.from(atob(text), letter => letter.charCodeAt(0));

        // The library.
        if (!('DecompressionStream' in window)) return;
        const unpacked = new Blob([bytes(part('library').textContent)]).stream().pipeThrough(new DecompressionStream('deflate'));
        const code = document.createElement('script');
        code.textContent = await new Response(unpacked).text();
        document.head.append(code);
        const charts = window.ferrospikeCharts;
        if (!charts) return;

        // Values, from the link that offers them as a file.
        const table = file => {
          const link = document.querySelector(`a[download="${file}"]`);
          if (!link) return [[]];
          const address = link.getAttribute('href'), comma = address.indexOf(',');
          const text = address.slice(0, comma).endsWith(';base64')
            ? new TextDecoder().decode(bytes(address.slice(comma + 1))) : decodeURIComponent(address.slice(comma + 1));
          const lines = [[]];
          for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
            lines[lines.length - 1].push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
            if (end !== ',') lines.push([]);
          }
          return lines;
        };
        const columns = new Map(index.columns.map(column => [column.name, column]));
        const told = (value, outcome) => Number(value.toPrecision(4)) + (outcome.unit ? ' ' + outcome.unit : '');
        const known = new Map();
        const read = outcome => {
          if (known.has(outcome)) return known.get(outcome);
          const [head, ...body] = table(outcome.file);
          const cells = [], means = [];
          head.forEach((key, at) => {
            const column = columns.get(key);
            if (!column) return;
            const absent = new Set(outcome.absent[key]);
            const names = outcome.unnamed.includes(key) ? [] : column.members
              .flatMap(of => of.units.map(unit => ({unit, recording: of.recording, subject: of.subject, session: of.session}))).filter((_, place) => !absent.has(place));
            const own = body.map(line => line[at]).filter(text => text).map(Number);
            const common = {group: column.group, subject: column.subject, column: key};
            const subject = index.subjects[column.subject];
            own.forEach((y, place) => {
              const name = names[place];
              cells.push({...common, y, session: name?.session ?? '', lines: [told(y, outcome), name ? 'unit ' + name.unit : '',
                index.unit + ' ' + subject, name?.subject ? 'subject ' + name.subject : '', name ? 'recording ' + name.recording : '', index.groups[column.group].label]});
            });
            if (!own.length) return;
            const sum = own.reduce((total, y) => total + (outcome.isLog ? Math.log(y) : y), 0) / own.length;
            const y = outcome.isLog ? Math.exp(sum) : sum;
            means.push({...common, y, n: own.length, least: Math.min(...own), most: Math.max(...own),
              lines: [told(y, outcome), own.length === 1 ? '' : `${outcome.isLog ? 'geometric mean' : 'mean'} of ${own.length} values`, index.unit + ' ' + subject, index.groups[column.group].label]});
          });
          known.set(outcome, {cells, means});
          return known.get(outcome);
        };

        // What is asked for.
        const options = (select, texts) => texts.forEach((text, place) => select.add(new Option(text, place)));
        const hasSessions = index.columns.some(column => column.members.some(of => of.session));
        const colourings = ['group', ...index.colours.map(colour => colour.title), ...(hasSessions ? ['Session'] : [])];
        options(part('outcome'), index.outcomes.map(outcome => outcome.title));
        options(part('colour'), colourings);
        const places = [index.unit, ...index.colours.filter(colour => colour.numbers).map(colour => colour.title)];
        options(part('place'), places);
        part('subject').add(new Option('none', -1));
        options(part('subject'), index.subjects);
        const state = {chosen: -1, from: NaN, to: NaN};
        let view = null;

        const draw = () => {
          const outcome = index.outcomes[part('outcome').value], colour = +part('colour').value, place = +part('place').value;
          const isLog = part('scale').value === 'log';
          const measure = place > 0 ? index.colours.filter(one => one.numbers)[place - 1] : null;
          const colouring = colour > 0 ? index.colours[colour - 1] ?? 'session' : null;
          const width = Math.max(240, Math.min(1020, section.clientWidth - 90));
          const {cells, means} = read(outcome);
          const shown = new Set(means.map(mean => mean.column));
          // Strips beside each other, a gap between groups.
          const strips = new Map(), labels = [];
          let at = 0;
          index.groups.forEach((group, number) => {
            const own = index.columns.filter(column => column.group === number && shown.has(column.name));
            if (!own.length) return;
            own.forEach((column, step) => strips.set(column.name, at + step));
            labels.push({x: at + (own.length - 1) / 2, label: group.label, room: own.length});
            at += own.length + 1.2;
          });
          const step = width / Math.max(at, 1);
          const spread = measure ? 0 : Math.min(step * 0.7, 60);
          const hue = row => colouring === null ? index.groups[row.group].label
            : colouring === 'session' ? row.session ?? '' : colouring.numbers ? colouring.numbers[row.subject] : colouring.texts[row.subject] ?? '';
          const lay = (row, offset) => ({...row, x: measure ? measure.numbers[row.subject] : strips.get(row.column), offset, hue: hue(row), shape: index.groups[row.group].label});
          const usable = row => row.x !== null && row.x !== undefined && (!isLog || row.y > 0);
          // A subject of a single value has one mark.
          const isSingle = means.every(mean => mean.n === 1);
          const dots = (isSingle ? [] : cells).map((row, k) => ({...lay(row, ((k * 0.618034) % 1 - 0.5) * spread), key: k})).filter(usable);
          const marks = means.map(row => lay(row, 0)).filter(usable);
          const left = isSingle ? means.length - marks.length : cells.length - dots.length;
          const ys = [...dots, ...marks].map(row => row.y);
          let [low, high] = ys.reduce(([low, high], y) => [Math.min(low, y), Math.max(high, y)], [Infinity, -Infinity]);
          if (!(low <= high)) [low, high] = [1, 2];
          const pad = isLog ? Math.exp(Math.log(high / low || 1) * 0.04 + 0.01) : (high - low) * 0.04 || Math.abs(high) * 0.1 || 1;
          [low, high] = isLog ? [low / pad, high * pad] : [low - pad, high + pad];
          const isEnd = value => Number.isFinite(value) && (!isLog || value > 0);
          const from = isEnd(state.from) ? state.from : low, to = isEnd(state.to) ? state.to : high;
          if (from < to) [low, high] = [from, to];
          const hues = [...new Set([...dots, ...marks].map(row => row.hue))];
          const isNumber = colouring?.numbers !== undefined;
          if (colouring !== null && !isNumber) hues.sort();
          const fit = {scale: 'y', field: 'y'}, x = {scale: 'x', field: 'x', offset: {field: 'offset'}};
          const fill = isNumber ? [{test: '!isValid(datum.hue)', value: '#bbb'}, {scale: 'colour', field: 'hue'}] : {scale: 'colour', field: 'hue'};
          const faint = 'chosen < 0 || datum.subject === chosen';
          const spec = {
            width, height: 340, padding: 4, autosize: 'pad',
            description: `${outcome.title} of every unit, by ${measure ? measure.title : 'group and ' + index.unit}`,
            config: {axis: {labelFontSize: 11, titleFontSize: 12, titleFontWeight: 'normal', gridColor: '#e6e6e6', labelColor: '#222', titleColor: '#222'},
              legend: {labelFontSize: 12, titleFontSize: 12, labelLimit: 260, titleFontWeight: 'normal'}},
            data: [{name: 'dots', values: dots}, {name: 'means', values: marks}, {name: 'labels', values: labels}],
            signals: [
              {name: 'chosen', value: state.chosen},
              {name: 'pointed', value: -1},
              {name: 'dragging', value: false, on: [{events: 'mousedown', update: 'true'}, {events: 'window:mouseup', update: 'false'}]},
              {name: 'drag', value: [0, 0], on: [{events: 'mousedown', update: '[y(), y()]'},
                {events: '[mousedown, window:mouseup] > window:mousemove!', update: '[drag[0], clamp(y(), 0, height)]'}]},
            ],
            scales: [
              {name: 'x', type: 'linear', range: 'width', zero: false, nice: !!measure,
                domain: measure ? {data: 'means', field: 'x'} : [-0.8, Math.max(at - 1.4, 0.8)]},
              {name: 'y', type: isLog ? 'log' : 'linear', range: 'height', domain: [low, high], zero: false, clamp: false},
              {name: 'shape', type: 'ordinal', domain: index.groups.map(group => group.label), range: index.groups.map(group => group.shape)},
              isNumber ? {name: 'colour', type: 'linear', domain: {data: 'means', field: 'hue'}, range: {scheme: 'viridis'}}
                : {name: 'colour', type: 'ordinal', domain: colouring === null ? index.groups.map(group => group.label) : hues,
                  range: colouring === null ? index.groups.map(group => group.colour) : {scheme: hues.length > 10 ? 'tableau20' : 'tableau10'}},
            ],
            axes: [
              {orient: 'left', scale: 'y', title: outcome.title, grid: true, tickCount: 6, labelOverlap: true, format: '~g', domainColor: '#666', tickColor: '#666'},
              ...(measure ? [{orient: 'bottom', scale: 'x', title: measure.title, tickCount: 6, domainColor: '#666', tickColor: '#666'}] : []),
            ],
            legends: colouring === null ? (measure || width < 560 ? [{orient: 'top', fill: 'colour', shape: 'shape', columns: width > 700 ? 3 : 1}] : [])
              : isNumber || hues.length <= 20 ? [{orient: 'top', fill: 'colour', title: colourings[colour], ...(isNumber ? {direction: 'horizontal', gradientLength: 200} : {columns: width > 700 ? 8 : 3, symbolType: 'circle'})}] : [],
            marks: [
              {type: 'symbol', from: {data: 'dots'}, clip: true, aria: false, encode: {
                enter: {x, fill, shape: {scale: 'shape', field: 'shape'}, stroke: {value: '#222'}},
                update: {y: fit, opacity: [{test: 'datum.key === pointed', value: 1}, {test: faint, value: 0.55}, {value: 0.06}],
                  size: [{test: 'datum.key === pointed', value: 130}, {value: 16}], strokeWidth: [{test: 'datum.key === pointed', value: 1.5}, {value: 0}]},
                hover: {opacity: {value: 1}}}},
              {type: 'symbol', from: {data: 'means'}, clip: true, aria: false, encode: {
                enter: {x, fill, shape: {scale: 'shape', field: 'shape'}, size: {value: step > 8 || measure ? 90 : 45}, stroke: {value: '#222'}, strokeWidth: {value: 1}},
                update: {y: fit, opacity: [{test: faint, value: 1}, {value: 0.12}]}}},
              ...(measure ? [] : [{type: 'text', from: {data: 'labels'}, interactive: false, encode: {enter: {
                x: {scale: 'x', field: 'x'}, y: {value: 358}, align: {value: 'center'}, text: {field: 'label'}, fontSize: {value: 12}, fontWeight: {value: 600},
                limit: {signal: `max(40, (datum.room + 1) * ${step})`}, fill: {value: '#222'}}}}]),
              {type: 'rect', interactive: false, encode: {update: {x: {value: 0}, x2: {signal: 'width'}, y: {signal: 'drag[0]'}, y2: {signal: 'drag[1]'},
                fill: {value: '#0072b2'}, fillOpacity: {signal: 'dragging ? 0.15 : 0'}}}},
            ],
          };
          view?.finalize();
          part('hint').hidden = true;
          view = new charts.View(charts.parse(spec, null, {ast: true}), {
            expr: charts.expressionInterpreter, renderer: 'svg', container: part('chart'), hover: true});
          view.addEventListener('mousemove', (event, item) => hint(event, item));
          view.addEventListener('mouseout', event => hint(event, null));
          view.addEventListener('click', (event, item) => { if (item?.datum?.column) choose(item.datum.subject === state.chosen ? -1 : item.datum.subject); });
          view.addSignalListener('dragging', (name, dragging) => {
            const [one, other] = view.signal('drag');
            if (dragging || Math.abs(one - other) < 6) return;
            const scale = view.scale('y');
            [state.from, state.to] = [Math.max(one, other), Math.min(one, other)].map(y => Number(scale.invert(y).toPrecision(3)));
            part('from').value = state.from;
            part('to').value = state.to;
            setTimeout(draw);
          });
          view.run();
          say(outcome, marks, left, isLog);
          // The units of the chosen subject by their names, for those who do not point.
          const own = dots.filter(row => row.subject === state.chosen);
          part('unit').replaceChildren(new Option(state.chosen < 0 ? `choose a ${index.unit} first` : 'all', -1), ...own.map(row =>
            new Option((row.lines[1] || 'value') + ': ' + row.lines[0], row.key)));
          part('unit').disabled = !own.length;
          part('unit').onchange = () => {
            const row = own.find(row => row.key === +part('unit').value);
            view.signal('pointed', row ? row.key : -1).run();
            if (row) part('said').textContent = row.lines.filter(line => line).join(', ') + '.'; else say(outcome, marks, left, isLog);
          };
        };

        // Names at the pointer, and the chosen subject in words and in every figure.
        const hint = (event, item) => {
          const box = part('hint'), lines = item?.datum?.lines;
          box.hidden = !lines;
          if (!lines) return;
          box.replaceChildren(...lines.filter(line => line).map(line => Object.assign(document.createElement('div'), {textContent: line})));
          box.style.left = Math.max(4, Math.min(event.clientX + 14, window.innerWidth - box.offsetWidth - 8)) + 'px';
          box.style.top = Math.max(4, Math.min(event.clientY + 14, window.innerHeight - box.offsetHeight - 8)) + 'px';
        };
        const say = (outcome, marks, left, isLog) => {
          const texts = marks.filter(mean => mean.subject === state.chosen).map(mean =>
            `${index.subjects[mean.subject]} (${index.groups[mean.group].label}): ${mean.n === 1 ? '' : mean.lines[1] + ': '}${told(mean.y, outcome)}${mean.n === 1 ? '' : `, from ${told(mean.least, outcome)} to ${told(mean.most, outcome)}`}.`);
          if (state.chosen >= 0 && !texts.length) texts.push(`${index.subjects[state.chosen]} has no value here.`);
          if (left > 0) texts.push(`${left} ${left === 1 ? 'value is' : 'values are'} not shown${isLog ? ': a logarithmic axis has no place for zero' : ''}.`);
          part('said').textContent = texts.join(' ');
        };
        const light = document.head.appendChild(document.createElement('style'));
        const choose = number => {
          state.chosen = number;
          part('subject').value = number;
          light.textContent = number < 0 ? '' : `[data-s]{opacity:.13}[data-s="${number}"]{opacity:1;stroke:#222}`;
          draw();
        };
        const rescale = () => {
          part('scale').value = index.outcomes[part('outcome').value].isLog ? 'log' : 'linear';
          whole();
        };
        const whole = () => {
          [state.from, state.to, part('from').value, part('to').value] = [NaN, NaN, '', ''];
          draw();
        };
        part('outcome').addEventListener('change', rescale);
        for (const name of ['colour', 'place', 'scale']) part(name).addEventListener('change', draw);
        for (const name of ['from', 'to']) part(name).addEventListener('change', () => { state[name] = parseFloat(part(name).value); draw(); });
        part('whole').addEventListener('click', whole);
        part('subject').addEventListener('change', () => choose(+part('subject').value));
        document.addEventListener('click', event => {
          const mark = event.target.closest?.('[data-s]');
          if (mark) choose(+mark.dataset.s === state.chosen ? -1 : +mark.dataset.s);
        });
        document.addEventListener('keydown', event => { if (event.key === 'Escape' && state.chosen >= 0) choose(-1); });
        window.addEventListener('scroll', () => { part('hint').hidden = true; }, {passive: true});
        let last = window.innerWidth;
        window.addEventListener('resize', () => { if (window.innerWidth !== last) { last = window.innerWidth; draw(); } });
        section.hidden = false;
        rescale();
        })();
        """#
}
