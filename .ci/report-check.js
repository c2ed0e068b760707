// Uses the interactive figure of a report as a reader would, and leaves what it found in the page as JSON. `.ci/report` appends this to a copy
// of the report.
(async () => {
  const found = {errors: []};
  const check = (what, holds) => { if (!holds) found.errors.push(what); };
  const wait = time => new Promise(done => setTimeout(done, time));
  const part = name => document.getElementById('explore-' + name);
  const change = (name, value) => { part(name).value = value; part(name).dispatchEvent(new Event('change', {bubbles: true})); };
  const dots = () => [...part('chart').querySelectorAll('.mark-symbol path')];
  const mouse = (target, type, x, y) => target.dispatchEvent(new MouseEvent(type, {bubbles: true, cancelable: true, view: window, clientX: x, clientY: y}));
  const middle = mark => { const box = mark.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]; };
  try {
    for (let tries = 0; tries < 50 && !dots().length; tries++) await wait(100);
    found.marks = dots().length;
    check('the interactive figure is not shown', !document.getElementById('explore').hidden && found.marks > 1);
    check('the values are not those of the file', dots().every(mark => !/NaN|undefined/.test(mark.getAttribute('transform'))));
    check('labels have lost their controls', [...document.querySelectorAll('.controls select, .controls input')].every(one => one.labels.length === 1));

    const hint = part('hint');
    mouse(dots()[0], 'mousemove', ...middle(dots()[0]));
    await wait(50);
    found.hint = [...hint.children].map(line => line.textContent);
    check('pointing at a dot names nothing', !hint.hidden && found.hint.length >= 3 && found.hint.some(line => [...part('subject').options].some(one => line.endsWith(' ' + one.text))));

    const isAlone = part('subject').length <= 2;
    const faint = () => dots().filter(mark => +mark.getAttribute('opacity') < 0.2).length;
    check('marks are faint before one is chosen', faint() === 0);
    change('subject', isAlone ? 0 : 1);
    await wait(50);
    const hasUnits = found.hint.some(line => line.startsWith('unit '));
    check('the units of a subject cannot be chosen', part('unit').disabled !== hasUnits);
    found.said = part('said').textContent;
    check('choosing a subject says nothing', found.said.includes(part('subject').selectedOptions[0].text));
    check('choosing a subject does not set it apart', isAlone ? faint() === 0 : faint() > 0 && faint() < dots().length);
    if (hasUnits) {
      change('unit', part('unit').options[1].value);
      await wait(50);
      check('choosing a unit names nothing', part('said').textContent.includes(part('unit').options[1].text.split(': ').pop()));
      check('choosing a unit does not set it apart', dots().filter(mark => mark.getAttribute('stroke-width') === '1.5').length === 1);
    }
    const still = [...document.querySelectorAll('.plot svg [data-s]')];
    const lit = still.filter(mark => getComputedStyle(mark).opacity === '1');
    check('the other figures do not show the chosen subject', lit.length > 0 && (isAlone || lit.length < still.length) && lit.every(mark => mark.dataset.s === (isAlone ? '0' : '1')));
    document.dispatchEvent(new KeyboardEvent('keydown', {key: 'Escape'}));
    await wait(50);
    check('Escape does not let go of the subject', part('subject').value === '-1' && faint() === 0);
    mouse(still[0], 'click');
    check('a mark of another figure does not choose its subject', part('subject').value === still[0].dataset.s);
    mouse(still[0], 'click');
    check('the same mark does not let go of it', part('subject').value === '-1');
    await wait(50);
    mouse(dots()[0], 'click', ...middle(dots()[0]));
    await wait(50);
    check('a dot does not choose its subject', part('subject').value !== '-1');
    change('subject', -1);
    await wait(50);

    const height = () => dots()[0].getAttribute('transform');
    const before = height();
    change('scale', part('scale').value === 'log' ? 'linear' : 'log');
    await wait(50);
    check('the axis does not change', height() !== before);
    const plot = part('chart').querySelector('svg .background') ?? part('chart').querySelector('svg');
    const box = plot.getBoundingClientRect(), x = box.x + box.width / 2;
    mouse(plot, 'mousedown', x, box.y + box.height * 0.3);
    for (const share of [0.4, 0.5, 0.6]) mouse(window, 'mousemove', x, box.y + box.height * share);
    mouse(window, 'mouseup', x, box.y + box.height * 0.6);
    await wait(100);
    found.range = [+part('from').value, +part('to').value];
    check('dragging enlarges nothing', part('from').value !== '' && found.range[0] < found.range[1]);
    mouse(part('whole'), 'click');
    check('the whole range does not come back', part('from').value === '' && part('to').value === '');
    change('from', '');
    check('a name stays when its mark is gone', hint.hidden);

    for (const name of ['outcome', 'place', 'colour']) {
      for (let choice = 0; choice < part(name).length; choice++) {
        change(name, choice);
        await wait(20);
        check(`nothing is drawn for ${name} ${choice}`, dots().length > 0);
      }
      change(name, 0);
    }
    check('something was loaded', performance.getEntriesByType('resource').length === 0);
    let isForbidden = false;
    try { new Function('return 1')(); } catch { isForbidden = true; }
    check('the page may run code made of text', isForbidden);
  } catch (error) {
    found.errors.push(String(error.stack ?? error));
  }
  const result = document.body.appendChild(document.createElement('pre'));
  result.id = 'check';
  result.textContent = JSON.stringify(found);
})();
