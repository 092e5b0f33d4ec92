'use strict';
// The page's one script: search, filters, sort, deep links, details and CSV over the data block.
// It sets textContent and attributes only; no text ever becomes markup.
(function () {
  var d = document, root = d.documentElement, NS = 'http://www.w3.org/2000/svg', DAY = 86400;
  var $ = function (id) { return d.getElementById(id); };
  root.classList.add('on');

  // ---- theme and print
  function theme(wanted) {
    if (wanted) root.dataset.theme = wanted;
    var dark = (root.dataset.theme || (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')) === 'dark';
    $('theme').dataset.next = dark ? 'light' : 'dark';
    $('theme').textContent = dark ? 'Light' : 'Dark';
  }
  // localStorage throws on some file: settings
  try { theme(localStorage.getItem('tlscensus-theme') || ''); } catch (e) { theme(''); }
  $('theme').addEventListener('click', function () {
    var next = $('theme').dataset.next;
    theme(next);
    try { localStorage.setItem('tlscensus-theme', next); } catch (e) { return; }
  });
  $('print').addEventListener('click', function () { print(); });
  if (!$('ep')) return;
  // A link to one of these is answered by go(). Left with its id the browser would scroll to it as well, and later.
  d.querySelectorAll('[id*="="]').forEach(function (e) { e.dataset.id = e.id; e.removeAttribute('id'); });

  // ---- data: columns joined over the blocks, dictionaries grown as they come
  var J = JSON.parse($('data').textContent), C = {}, D = {}, N = 0;
  J.blocks.forEach(function (block) {
    Object.keys(block.new).forEach(function (name) { D[name] = (D[name] || []).concat(block.new[name]); });
    Object.keys(block).forEach(function (name) {
      if (name === 'num' || name === 'new') return;
      var from = block[name], to = C[name] || (C[name] = []), i;
      if (Array.isArray(from)) for (i = 0; i < block.num; i++) to.push(from[i]);
      else for (i = 0; i < block.num; i++) to.push(from);
    });
    N += block.num;
  });
  // A number is a place in a dictionary; anything else stands for itself.
  function look(dict, value) { return typeof value === 'number' ? D[dict][value] : value; }
  var get = {
    group: function (i) { return look('group', C.g[i]); },
    owner: function (i) { return C.o[i] === null ? get.group(i) : look('owner', C.o[i]); },
    grade: function (i) { return look('grade', C.G[i]); },
    issuer: function (i) { return look('issuer', C.i[i]); },
    key: function (i) { return look('key', C.k[i]); },
    chain: function (i) { return look('chain', C.x[i]); },
    talk: function (i) { return look('talk', C.v[i]); },
    life: function (i) { return +look('life', C.l[i]); },
    days: function (i) { return C.e[i] === null ? null : Math.floor(C.e[i] / DAY); },
    host: function (i) { return C.h[i].indexOf(':') >= 0 ? '[' + C.h[i] + ']' : C.h[i]; },
    id: function (i) { return get.host(i) + ':' + C.p[i]; },
    findings: function (i) { return C.f[i] ? C.f[i].map(function (f) { return look('finding', f); }) : []; },
    labels: function (i) { return C.y[i] === null ? [] : look('labels', C.y[i]); },
    set: function (i) { return C.F && C.F[i] !== null ? J.sets[C.F[i]] : null; },
    total: function (i) { return (C.tD[i] || 0) + (C.tC[i] || 0) + (C.tS[i] || 0) + (C.tT[i] || 0); }
  };
  // Standing findings as one number, critical on top: what the page's own order is made of.
  var scores = new Float64Array(N), all = [], i;
  for (i = 0; i < N; i++) {
    all.push(i);
    if (C.f[i]) get.findings(i).forEach(function (f) { if (!f[3]) scores[i] += Math.pow(256, f[1]); });
  }
  function worst(a, b) {
    if (scores[a] !== scores[b]) return scores[b] - scores[a];
    var x = C.e[a] === null ? Infinity : C.e[a], y = C.e[b] === null ? Infinity : C.e[b];
    if (x !== y) return x < y ? -1 : 1;
    x = get.id(a); y = get.id(b);
    return x < y ? -1 : x > y ? 1 : a - b;
  }
  if (J.windowed) all.sort(worst);
  var texts = [];
  function text(i) {
    if (texts[i] === undefined) {
      texts[i] = [get.id(i), C.u[i] || '', C.a[i] || '', get.group(i), get.owner(i), get.issuer(i).slice(0, 2).join(' '),
        get.key(i)[0], get.talk(i).slice(0, 5).join(' '), C.s[i] || '', get.chain(i) ? get.chain(i).s : '',
        get.labels(i).join(' ')].join(' ').toLowerCase();
    }
    return texts[i];
  }

  // ---- state: the fragment
  var st = {}, SHOW = {
    act: function (i) { return scores[i] >= 16777216; },
    expired: function (i) { var n = get.days(i); return n !== null && n < 0; },
    exp7: function (i) { var n = get.days(i); return n !== null && n >= 0 && n <= 7; },
    exp30: function (i) { var n = get.days(i); return n !== null && n >= 0 && n <= 30; },
    chain: function (i) { return get.chain(i).z === 1; },
    // 1 is yes, 0 no; what was not measured is neither
    legacy: function (i) { var set = get.set(i); return !!set && set[0] === 1; },
    pq: function (i) { var set = get.set(i); return !!set && set[1] === 1; },
    nopq: function (i) { var set = get.set(i); return !!set && set[1] === 0; }
  };
  function read() {
    st = {};
    location.hash.slice(1).split('&').forEach(function (part) {
      var at = part.indexOf('=');
      if (at > 0) try { st[part.slice(0, at)] = decodeURIComponent(part.slice(at + 1)); } catch (e) { return; }
    });
  }
  function write() {
    var hash = Object.keys(st).filter(function (k) { return st[k]; }).map(function (k) {
      return k + '=' + encodeURIComponent(st[k]).replace(/%3A/g, ':').replace(/%5B/g, '[').replace(/%5D/g, ']');
    }).join('&');
    history.replaceState(null, '', '#' + (hash || 'endpoints'));
  }
  function inWeek(n, week) {
    if (n === null) return false;
    if (week === '-') return n < 0;
    return n >= +week && (+week >= 224 || n < +week + 7);
  }
  function matcher() {
    var words = (st.q || '').toLowerCase().split(/\s+/).filter(Boolean);
    return function (i) {
      return (!st.owner || get.group(i) === st.owner || get.owner(i) === st.owner) &&
        (!st.who || get.owner(i) === st.who) && (!st.grade || get.grade(i) === st.grade) &&
        (!st.rule || get.findings(i).some(function (f) { return !f[3] && J.rules[f[0]][0] === st.rule; })) &&
        (!st.days || inWeek(get.days(i), st.days)) && (!SHOW[st.show] || SHOW[st.show](i)) &&
        words.every(function (word) { return text(i).indexOf(word) >= 0; });
    };
  }
  var GRADES = ['A+', 'A', 'A-', 'B', 'C', 'D', 'F', 'T', 'M', ''];
  var KEYS = {
    g: function (i) { return GRADES.indexOf(get.grade(i)); },
    h: function (i) { return get.id(i); },
    d: function (i) { return C.e[i] === null ? Infinity : C.e[i]; },
    c: function (i) { return get.chain(i).v * 100 + get.chain(i).p; },
    i: function (i) { return get.issuer(i).join(' '); },
    k: function (i) { return get.key(i)[0]; },
    v: function (i) { return get.talk(i)[0]; },
    x: function (i) { return get.talk(i)[2]; },
    t: get.total,
    f: function (i) { return -scores[i]; }
  };
  function selection() {
    var rows = all.filter(matcher()), name = (st.sort || '').replace('-', ''), key = KEYS[name];
    if (key) {
      var sign = st.sort[0] === '-' ? -1 : 1, keys = [];
      rows.forEach(function (i) { keys[i] = key(i); });
      rows.sort(function (a, b) { return keys[a] < keys[b] ? -sign : keys[a] > keys[b] ? sign : 0; });
    }
    return rows;
  }

  // ---- words and pieces, as the rows and details of the page itself have them
  function el(tag, cls, content) {
    var e = d.createElement(tag);
    if (cls) e.className = cls;
    if (content != null) e.append(content);
    return e;
  }
  // A name that no column is too narrow for stays in one piece; others may break before their dots.
  function name(text) {
    if (text.length <= 26) return text;
    var part = d.createDocumentFragment();
    text.split('.').forEach(function (label, at) { if (at) part.append(el('wbr')); part.append((at ? '.' : '') + label); });
    return part;
  }
  function attr(e, list) { Object.keys(list).forEach(function (k) { e.setAttribute(k, list[k]); }); return e; }
  function svg(cls, width, height, rects) {
    var s = attr(d.createElementNS(NS, 'svg'), { 'class': cls, viewBox: '0 0 ' + width + ' ' + height, preserveAspectRatio: 'none', 'aria-hidden': 'true' });
    rects.forEach(function (r) { s.append(attr(d.createElementNS(NS, 'rect'), { 'class': r[0], x: r[1], width: r[2], height: height })); });
    return s;
  }
  function use(cls, id) {
    var s = attr(d.createElementNS(NS, 'svg'), { 'class': cls, 'aria-hidden': 'true' });
    s.append(attr(d.createElementNS(NS, 'use'), { href: '#' + id }));
    return s;
  }
  var TONES = ['info', 'low', 'med', 'high', 'crit'], WORDS = ['Info', 'Low', 'Medium', 'High', 'Critical'];
  function icon(tone) { return use('i ' + tone, 'i-' + tone); }
  function count(n) { return String(n).replace(/\B(?=(\d{3})+$)/g, ','); }
  function left(n) {
    if (n < 0) return 'expired ' + count(-n) + ' d ago';
    if (n === 0) return 'in < 1 d';
    return n < 730 ? 'in ' + n + ' d' : 'in ' + (Math.floor(n * 40 / 1461) / 10).toFixed(1) + ' y';
  }
  function day(end) { return new Date((J.asOf + end) * 1000).toISOString().slice(0, 10); }
  function tone(life, end) {
    if (end < 0) return 'crit';
    var brief = life <= 10 * DAY;
    if (end < (brief ? life / 8 : Math.min(life / 12, 3 * DAY))) return 'high';
    return end < (brief ? life / 4 : Math.min(life / 6, 14 * DAY)) ? 'med' : 'ok';
  }
  function used(life, end) {
    if (life <= 0 || end <= 0) return 100;
    return Math.min(100, Math.max(1, end >= life ? 0 : Math.floor((life - end) / (life / 100 + 1))));
  }
  function gradeTone(g) { return g[0] === 'A' ? 'ok' : g === 'B' ? 'med' : g === 'C' || g === 'D' ? 'high' : g ? 'crit' : 'info'; }
  function ms(tenths) { return count(Math.floor(tenths / 10)) + '.' + tenths % 10; }
  function depth(n) { return n < 0 ? '–' : n; }
  function phases(i) {
    var hello = C.tH[i], rest = C.tT[i] === null ? null : C.tT[i] - (hello || 0);
    return [['DNS', 1, C.tD[i]], ['TCP connect', 2, C.tC[i]], ['STARTTLS', 5, C.tS[i]], ['Server hello', 3, hello], ['Handshake', 4, rest]]
      .filter(function (p) { return p[2] !== null && p[2] >= 0; });
  }
  function lifeBar(end, life) { return svg('eb', 100, 4, [['b ' + tone(life, end), 0, used(life, end)]]); }
  function addresses(i) {
    if (C.c[i] === 1) return C.a[i] || '';
    return C.n[i] === C.c[i] ? C.n[i] + ' addresses' : C.a[i] + ' (' + C.n[i] + ' of ' + C.c[i] + ' addresses, which differ)';
  }

  // ---- a row
  function row(i) {
    var tr = el('tr'), g = get.grade(i), chain = get.chain(i), talk = get.talk(i), end = C.e[i], cell, link, parts, at = 0;
    cell = el('td', 'g'); cell.append(el('b', 'gr ' + gradeTone(g), g || '–')); tr.append(cell);
    cell = attr(el('th'), { scope: 'row' });
    link = attr(el('a', '', name(get.host(i))), { href: '#e=' + get.id(i) });
    cell.append(link, el('i', '', C.p[i] === 443 ? '' : ':' + C.p[i]),
      el('small', '', [C.u[i], get.owner(i), addresses(i), talk[6]].filter(Boolean).join(' · ')));
    tr.append(cell);
    cell = el('td', 'ex');
    if (end === null) cell.append(el('span', 'no', 'unreadable'));
    else cell.append(el('b', tone(get.life(i), end), left(get.days(i))), el('small', '', day(end)), lifeBar(end, get.life(i)));
    tr.append(cell);
    cell = el('td', 'cn');
    cell.append(use('cg', 'g-' + chain.g), el('b', '', depth(chain.p) + '/' + depth(chain.v)), el('small', chain.t, chain.s));
    tr.append(cell);
    cell = el('td', 'is', get.issuer(i)[0]); cell.append(el('small', '', get.issuer(i)[1])); tr.append(cell);
    tr.append(el('td', 'ky', get.key(i)[0]));
    cell = el('td', 'vs');
    cell.append(talk[0] ? el('i', /1\.[01]$|SSL/.test(talk[0]) ? 'w' : '', talk[0].replace('TLS ', '')) : el('span', 'no', '–'));
    tr.append(cell, el('td', 'kx', talk[2]));
    cell = el('td', 'tm', ms(get.total(i))); cell.append(el('small', '', ' ms'));
    parts = phases(i).map(function (p) {
      var x = Math.min(100, at / 30);
      at += p[2];
      return ['t' + p[1], x.toFixed(1), (Math.min(100, at / 30) - x).toFixed(1)];
    });
    cell.append(svg('tb', 100, 8, parts)); tr.append(cell);
    cell = el('td', 'fi');
    var named = [[], [], [], [], []];
    get.findings(i).forEach(function (f) { if (!f[3]) named[f[1]].push(J.rules[f[0]][0]); });
    for (var s = 4; s >= 0; s--) if (named[s].length) {
      var chip = attr(el('span', 'chip ' + TONES[s]), { title: named[s].join(' ') });
      chip.append(icon(TONES[s]), named[s].length, el('span', 'sr', ' ' + WORDS[s]));
      cell.append(chip);
    }
    if (!scores[i]) cell.append(el('span', 'no', 'none'));
    tr.append(cell);
    return roles(tr);
  }
  // display: grid takes a table's roles away; these give them back.
  function roles(tr) {
    tr.setAttribute('role', 'row');
    for (var c = tr.firstElementChild; c; c = c.nextElementSibling) c.setAttribute('role', c.tagName === 'TH' ? 'rowheader' : 'cell');
    return tr;
  }

  // ---- the detail of a row
  function box(b, name, key, end, life) {
    var li = el('li', 'nd' + b[3]), head = el('span', 'ro', b[0]), p;
    head.append(el('em', b[2], b[1]));
    li.append(head, el('b', '', name), el('small', '', key));
    if (end != null) {
      p = el('small'); p.append(el('span', tone(life, end), left(Math.floor(end / DAY))), ' ' + day(end));
      li.append(lifeBar(end, life), p);
    }
    return li;
  }
  function facts(list) {
    var dl = el('dl');
    list.forEach(function (f) {
      if (!f[1]) return;
      var dd = el('dd', '', f[2] ? el('code', '', f[1]) : f[1]);
      dl.append(el('dt', '', f[0]), dd);
    });
    return dl;
  }
  function hex(b64, separator) {
    if (!b64) return '';
    var bytes = Array.from(atob(b64), function (c) { return ('0' + c.charCodeAt(0).toString(16)).slice(-2); });
    return separator ? bytes.join(separator).toUpperCase() : bytes.join('');
  }
  function pairs(flat) {
    var list = [];
    for (var k = 0; k + 1 < flat.length; k += 2) list.push([flat[k], flat[k + 1]]);
    return list;
  }
  // What a survey found: lists of texts that sets share.
  function said(k) { return typeof k === 'number' ? J.says[k] : k; }
  function accepts(out, i) {
    var set = get.set(i), two = el('div', 'd2'), a = el('div'), b = el('div'), list = el('ul', 'tr');
    var h = el('h4', 'ah', 'Accepts'), more = attr(el('a', '', 'What these mean'), { href: '#f-versions' });
    h.append(more); out.append(h);
    if (set.length < 3) {
      out.append(el('p', 'lead', 'Versions, suites and groups of this endpoint: tlscensus show ' + C.h[i]));
      return;
    }
    a.append(facts(set[2].map(said)));
    set[3].forEach(function (suites) {
      var head = said(suites[0]), h = el('h5', '', head[0]), ul = el('ul', 'su');
      h.append(el('span', '', head[1]));
      suites.slice(1).map(said).forEach(function (s) {
        var li = el('li'); li.append(el('code', '', s[0]), el('span', s[2], s[1])); ul.append(li);
      });
      a.append(h, ul);
    });
    set[4].map(said).forEach(function (t) {
      var li = el('li'), word = $('f-' + t[0]);
      li.append(attr(el('a', '', t[1]), { href: '#f-' + t[0], title: word ? word.lastChild.textContent : '' }), el('b', t[3], t[2]));
      list.append(li);
    });
    b.append(facts(set[5].map(said)), list, facts(set[6].map(said)));
    var others = C.O[i] === null ? [] : pairs(look('others', C.O[i]));
    if (others.length) b.append(el('h5', '', 'Other certificates'), facts(others));
    two.append(a, b); out.append(two);
  }
  // The page says a set in full once; where it refers to that, the script draws it.
  function full(box, i) {
    var same = box.querySelector('.same');
    if (!same || get.set(i).length < 3) return;
    same.previousElementSibling.remove(); same.remove();
    accepts(box, i);
  }
  d.addEventListener('toggle', function (event) {
    var box = event.target.open && event.target.querySelector('.db'), id = box && (box.getAttribute('data-id') || '').slice(2).split('&a=');
    if (!box || !box.querySelector('.same')) return;
    all.some(function (i) {
      if (get.id(i) !== id[0] || (id[1] && C.a[i] !== id[1])) return false;
      full(box, i);
      return true;
    });
  }, true);
  function detail(i) {
    var link = 'e=' + get.id(i) + (C.n[i] === C.c[i] ? '' : '&a=' + C.a[i]);
    var made = d.querySelector('#details .db[data-id="' + CSS.escape(link) + '"]');
    if (made) { made = made.cloneNode(true); made.removeAttribute('data-id'); full(made, i); return made; }
    var chain = get.chain(i), talk = get.talk(i), key = get.key(i), issuer = get.issuer(i), out = el('div', 'db');
    var h = el('h4', '', 'Certificate chain'), ol = el('ol', 'chain'), two = el('div', 'd2'), a = el('div'), b = el('div');
    h.append(el('span', '', chain.d));
    chain.b.forEach(function (x, k) {
      ol.append(k ? box(x, x[4], x[5], x[6], x[7]) : box(x, C.s[i] || C.h[i], key[0] + ' · ' + key[1], C.e[i], get.life(i)));
    });
    out.append(h, ol);
    var trust = look('trust', C.w[i]);
    if (trust) { var p = el('p', 'trust', el('b', 'bad', 'Not trusted:')); p.append(' ' + trust); out.append(p); }
    var total = get.total(i), at = 0, list = el('ul', 'wf');
    if (total > 0) {
      h = el('h4', '', 'Timing'); h.append(el('span', '', ms(total) + ' ms'));
      phases(i).forEach(function (f) {
        var li = el('li', '', el('span', '', f[0]));
        li.append(svg('', 1000, 10, [['t' + f[1], Math.round(1000 * at / total), Math.max(4, Math.round(1000 * f[2] / total))]]), el('b', '', ms(f[2]) + ' ms'));
        at += f[2]; list.append(li);
      });
      a.append(h, list);
    }
    a.append(el('h4', '', 'Connection'), facts([
      [C.n[i] > 1 ? 'Addresses' : 'Address', C.a[i] && C.a[i] + (C.n[i] === C.c[i] ? '' : ' (of ' + C.c[i] + ', which differ)')],
      ['Protocol', look('protocol', C.r[i])], ['Outcome', talk[6] && talk[6] + ': ' + talk[7]],
      ['Negotiated', talk[0] ? talk.slice(0, 3).join(', ') : 'nothing'], ['Signed with', talk[3]], ['ALPN', talk[4]],
      ['OCSP staple', talk[5] || 'not measured'],
      ['Not measured', J.partial && !get.set(i) ? 'other versions, suites and groups: the grade is partial' : '']].concat(pairs(get.labels(i)))));
    var found = el('ul', 'fl');
    get.findings(i).forEach(function (f) {
      var rule = J.rules[f[0]], li = el('li', '', icon(f[3] ? 'info' : TONES[f[1]]));
      li.append(el('b', '', rule[1] + (f[3] ? ' (waived until ' + f[3] + ')' : '')));
      if (f[2]) li.append(el('em', '', f[2]));
      li.append(rule[2]); found.append(li);
    });
    if (!C.f[i]) found.append(el('li', '', 'No findings.'));
    b.append(el('h4', '', 'Findings'), found, el('h4', '', 'Certificate'), facts([
      ['Names', C.N[i] === null ? '' : String(C.N[i])],
      ['Name check', chain.m < 0 ? 'not measured' : chain.m ? 'covers the host' : 'does not cover the host'],
      ['Issuer', issuer[2]], ['Policy', issuer[3]], ['Serial', hex(C.S[i], ':'), 1], ['SHA-256', hex(C.d[i]), 1],
      ['More', C.N[i] === null ? 'serial, names and key hash are in certificates.csv' : 'all names and the key hash are in certificates.csv']]));
    two.append(a, b); out.append(two);
    if (get.set(i)) accepts(out, i);
    return out;
  }
  function opened(i) {
    var tr = el('tr', 'open'), td = attr(el('td'), { colspan: 10 });
    td.append(detail(i)); tr.append(td);
    return roles(tr);
  }

  // ---- drawing: rows that are in the page are moved; above that a window of rows is drawn
  var table = $('ep'), shown = [], open = -1, statics = [], bodies = [].slice.call(table.tBodies);
  [['thead', 'rowgroup'], ['thead tr', 'row'], ['thead th', 'columnheader'], ['tbody', 'rowgroup']].forEach(function (r) {
    table.querySelectorAll(r[0]).forEach(function (e) { e.setAttribute('role', r[1]); });
  });
  table.setAttribute('role', 'table');
  bodies.forEach(function (body) { statics.push.apply(statics, [].slice.call(body.rows).map(roles)); });
  function body() { return attr(el('tbody'), { role: 'rowgroup' }); }
  var plain = {
    draw: function () {
      var kept = [], tb = null;
      bodies.forEach(function (b) { b.remove(); });
      shown.forEach(function (i, n) {
        if (n % 100 === 0) { tb = body(); kept.push(tb); }
        tb.append(statics[i]);
      });
      bodies = kept;
      table.append.apply(table, kept);
    },
    row: function (i) { return statics[i]; },
    index: function (tr) { return statics.indexOf(tr); },
    scroll: function (i) { statics[i].scrollIntoView({ block: 'start', behavior: 'instant' }); },
    open: function (i) { statics[i].classList.add('sel'); statics[i].after(opened(i)); },
    close: function () {
      var tr = table.querySelector('tr.open');
      if (tr) { tr.previousElementSibling.classList.remove('sel'); tr.remove(); }
    }
  };
  // The window: rows of one height, placed by their number. Elements have a largest height, so above
  // MAX pixels the scroll position is scaled.
  var MAX = 16000000, live = new Map(), tb = null, panel = null, waiting = false;
  function height() { return matchMedia('(max-width: 720px)').matches ? 118 : 64; }
  var windowed = {
    draw: function () {
      live.forEach(function (tr) { tr.remove(); });
      live.clear();
      windowed.place();
    },
    extra: function () { return panel ? panel.offsetHeight : 0; },
    place: function () {
      var h = height(), extra = windowed.extra(), whole = shown.length * h + extra, tall = Math.min(whole, MAX), view = innerHeight;
      tb.style.height = tall + 'px';
      var top = Math.max(0, Math.min(-tb.getBoundingClientRect().top, tall - view)), at = top;
      if (whole > tall && tall > view) at = top * (whole - view) / (tall - view);
      var spot = open >= 0 ? shown.indexOf(open) : -1;
      var first = Math.max(0, Math.floor((at - (spot >= 0 && at > (spot + 1) * h ? extra : 0)) / h) - 8);
      var last = Math.min(shown.length, first + Math.ceil(view / h) + 24), keep = new Set();
      for (var n = first; n < last; n++) {
        var i = shown[n], tr = live.get(i);
        if (!tr) {
          tr = attr(row(i), { 'aria-rowindex': n + 2 });
          tr.dataset.i = i; live.set(i, tr); tb.append(tr);
        }
        tr.classList.toggle('sel', i === open);
        tr.style.transform = 'translateY(' + (top - at + n * h + (spot >= 0 && n > spot ? extra : 0)) + 'px)';
        keep.add(i);
      }
      live.forEach(function (tr, i) { if (!keep.has(i) && !tr.contains(d.activeElement)) { tr.remove(); live.delete(i); } });
      if (panel) {
        panel.style.transform = 'translateY(' + (top - at + (spot + 1) * h) + 'px)';
        panel.hidden = spot < 0;
      }
    },
    index: function (tr) { return +tr.dataset.i; },
    scroll: function (i) {
      var h = height(), whole = shown.length * h + windowed.extra(), tall = Math.min(whole, MAX), y = shown.indexOf(i) * h;
      if (whole > tall) y = y * (tall - innerHeight) / (whole - innerHeight);
      scrollTo({ top: scrollY + tb.getBoundingClientRect().top + y - 50, behavior: 'instant' });
      windowed.place();
    },
    open: function (i) { panel = opened(i); tb.append(panel); windowed.place(); },
    close: function () { if (panel) panel.remove(); panel = null; }
  };
  var list = J.windowed ? windowed : plain;
  if (J.windowed) {
    bodies.forEach(function (b) { b.remove(); });
    tb = body(); table.append(tb); table.classList.add('win');
    addEventListener('scroll', function () {
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(function () { waiting = false; windowed.place(); });
    }, { passive: true });
    addEventListener('resize', windowed.place);
    // Paper gets the rows that the page was written with.
    addEventListener('beforeprint', function () { tb.remove(); table.append.apply(table, bodies); });
    addEventListener('afterprint', function () { bodies.forEach(function (b) { b.remove(); }); table.append(tb); windowed.draw(); });
  }

  function close() { list.close(); open = -1; }
  function show(i, scroll) { close(); open = i; list.open(i); if (scroll) list.scroll(i); }
  function weight(rows) { return rows.reduce(function (sum, i) { return sum + C.n[i]; }, 0); }
  var whole = weight(all);
  function draw() {
    close();
    shown = selection();
    list.draw();
    table.querySelectorAll('thead button').forEach(function (button) {
      var th = button.parentNode;
      if (st.sort && st.sort.replace('-', '') === button.dataset.k) th.setAttribute('aria-sort', st.sort[0] === '-' ? 'descending' : 'ascending');
      else th.removeAttribute('aria-sort');
    });
    table.setAttribute('aria-rowcount', shown.length + 1);
    $('q').value = st.q || '';
    $('show').value = SHOW[st.show] ? st.show : '';
    if ($('group')) $('group').value = st.owner || '';
    if ($('owner')) $('owner').value = st.who || '';
    var n = weight(shown);
    $('cnt').textContent = count(n) + ' of ' + count(whole) + ' endpoints' + (n > shown.length ? ' in ' + count(shown.length) + ' rows' : '') +
      (st.grade ? ', grade ' + st.grade : '') + (st.rule ? ', rule ' + st.rule : '') + (st.days ? ', expiry week' : '');
    $('none').hidden = shown.length > 0;
  }
  function find(id) {
    var hits = all.filter(function (i) { return get.id(i) === id; });
    return st.a ? hits.filter(function (i) { return C.a[i] === st.a; })[0] : hits[0];
  }
  function go() {
    read();
    var i = st.e ? find(st.e) : undefined;
    draw();
    if (i !== undefined) {
      if (shown.indexOf(i) < 0) { st = { e: st.e, a: st.a }; draw(); }
      show(i, true);
    } else if (Object.keys(st).length) $('endpoints').scrollIntoView({ behavior: 'instant' });
  }

  // ---- what the reader does
  table.addEventListener('click', function (event) {
    var link = event.target.closest('tbody th a'), button = event.target.closest('thead button');
    if (link) {
      var i = list.index(link.closest('tr'));
      event.preventDefault();
      if (i === open) { close(); delete st.e; delete st.a; if (J.windowed) windowed.place(); }
      else {
        show(i); st.e = get.id(i); delete st.a;
        if (C.n[i] !== C.c[i]) st.a = C.a[i];
      }
      write();
    } else if (button) {
      var k = button.dataset.k;
      st.sort = st.sort === k ? '-' + k : k;
      delete st.e; delete st.a;
      write(); draw();
    }
  });
  function change(key, value) { st[key] = value; delete st.e; delete st.a; write(); draw(); }
  var timer;
  $('q').addEventListener('input', function () {
    clearTimeout(timer);
    timer = setTimeout(function () { change('q', $('q').value); }, 120);
  });
  [['show', 'show'], ['group', 'owner'], ['owner', 'who']].forEach(function (s) {
    if ($(s[0])) $(s[0]).addEventListener('change', function () { change(s[1], $(s[0]).value); });
  });
  $('clr').addEventListener('click', function () { st = {}; write(); draw(); });

  // ---- the visible rows as CSV: text quoted and guarded, numbers and dates bare
  function cell(value) {
    if (value === null || value === undefined || value === '') return '';
    if (typeof value === 'number') return String(value);
    return '"' + (/^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/.test(value) ? "'" : '') + value.replace(/"/g, '""') + '"';
  }
  function csvRow(i) {
    var talk = get.talk(i), chain = get.chain(i);
    return [cell(C.h[i]), C.p[i], cell(C.a[i] || ''), cell(get.group(i)), cell(get.owner(i)), cell(get.grade(i)),
      C.e[i] === null ? '' : new Date((J.asOf + C.e[i]) * 1000).toISOString().slice(0, 19).replace('T', ' '), cell(get.days(i)),
      cell(chain.p < 0 ? '' : chain.p), cell(chain.v < 0 ? '' : chain.v), cell(chain.s), cell(get.issuer(i)[0]), cell(get.issuer(i)[1]),
      cell(get.key(i)[0]), cell(talk[0].replace('TLS ', 'TLSv')), cell(talk[1]), cell(talk[2]),
      cell(get.findings(i).filter(function (f) { return !f[3]; }).map(function (f) { return J.rules[f[0]][0]; }).join(' '))].join(',');
  }
  $('csv').addEventListener('click', function () {
    var head = 'host,port,addresses,group,owner,grade,leaf_expires_utc,leaf_days_left,presented_depth,verified_depth,chain,' +
      'issuer_organization,issuer_cn,key,tls_version,cipher,kx_group,findings';
    var blob = new Blob(['\ufeff' + [head].concat(shown.map(csvRow)).join('\r\n') + '\r\n'], { type: 'text/csv' });
    var link = attr(el('a'), { href: URL.createObjectURL(blob), download: 'endpoints-filtered.csv' });
    link.click();
    URL.revokeObjectURL(link.href);
  });

  addEventListener('hashchange', function () { if (location.hash.indexOf('=') > 0) go(); });
  if (location.hash.indexOf('=') > 0) go(); else draw();
})();
