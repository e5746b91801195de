"use strict";
// Shows what a page of `irad report` holds. Nothing is loaded and nothing is sent.
(() => {
  // Kinds of pairs, as steps are written down.
  const SAME = 0, RENUMBERED = 1, ATTRIBUTES = 2, MOVED = 3, CHANGED = 4, REMOVED = 5, ADDED = 6;
  const ROLES = ["unknown", "primal", "shadow", "adjoint", "tangent", "cache", "recompute", "control"];
  const LETTERS = ["?", "p", "s", "a", "t", "c", "r", "b"];
  const ROW = 20, SPARE = 12, CONTEXT = 3, BLOCK = 64, MOST = 480;

  // Elements are made here, and text goes into them as text.
  function el(name, options, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(options || {})) {
      if (value === undefined || value === null || value === false) continue;
      if (key === "class") made.className = value;
      else if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
      else made.setAttribute(key, value === true ? "" : value);
    }
    made.append(...children.filter((child) => child !== null && child !== undefined));
    return made;
  }
  const SVG = "http://www.w3.org/2000/svg";
  function svg(name, attributes, ...children) {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes || {})) made.setAttribute(key, value);
    made.append(...children);
    return made;
  }
  const count = (n, one, many) => n + " " + (n === 1 ? one : many || one + "s");

  // Data: text in the page, compressed.
  async function unpack(id) {
    const block = document.getElementById("data-" + id);
    const bytes = Uint8Array.from(atob(block.textContent), (c) => c.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    return JSON.parse(await new Response(stream).text());
  }

  let lines, runs = [];
  const pieceCache = new Map();
  function pieces(id) {
    let found = pieceCache.get(id);
    if (!found) {
      found = [];
      const text = lines.t[id];
      let at = 0;
      for (const [, letter, length] of lines.s[id].matchAll(/([a-z])(\d+)/g)) {
        found.push([letter, at, at + Number(length)]);
        at += Number(length);
      }
      if (at < text.length) found.push(["p", at, text.length]);
      if (pieceCache.size > 4000) pieceCache.clear();
      pieceCache.set(id, found);
    }
    return found;
  }

  // A line as spans, with changed words and what was searched for marked.
  function painted(id, words) {
    const text = lines.t[id], out = el("span", { class: "text" });
    const cuts = [];
    for (let at = 0; words && at < words.length; at += 2) cuts.push([words[at], words[at] + words[at + 1], "b"]);
    const wanted = view.query.toLowerCase();
    if (wanted) {
      const low = text.toLowerCase();
      for (let at = low.indexOf(wanted); at >= 0; at = low.indexOf(wanted, at + wanted.length)) cuts.push([at, at + wanted.length, "mark"]);
    }
    for (const [letter, from, to] of pieces(id)) {
      let at = from;
      while (at < to) {
        const inside = cuts.filter(([a, b]) => a <= at && at < b);
        let end = to;
        for (const [a, b] of cuts) { if (a > at) end = Math.min(end, a); if (b > at) end = Math.min(end, b); }
        const part = text.slice(at, end);
        let node = letter === "p" ? document.createTextNode(part) : el("span", { class: "t" + letter }, part);
        if (inside.some((cut) => cut[2] === "b")) node = el("b", { class: "w" }, node);
        if (inside.some((cut) => cut[2] === "mark")) node = el("mark", null, node);
        out.append(node);
        at = end;
      }
    }
    return out;
  }

  // A run: its states are worked out from the one that stands whole at the beginning of a block.
  class Run {
    constructor(at, told) {
      Object.assign(this, told);
      this.at = at;
      this.cache = new Map();
      this.hasRoles = this.primal.length > 0;
    }
    async block(number) {
      if (!this.cache.has(number)) {
        if (this.cache.size >= 4) this.cache.delete(this.cache.keys().next().value);
        this.cache.set(number, unpack(`run${this.at}-${number}`).then((block) => {
          const first = { l: block.l, m: block.m, a: block.a, c: block.c };
          return { states: [first], steps: block.s, from: number * BLOCK };
        }));
      }
      return this.cache.get(number);
    }
    // The state of this number: lines, marks, who made them, who changed them.
    async state(at) {
      const block = await this.block(at === 0 ? 0 : Math.floor((at - 1) / BLOCK));
      for (let next = block.from + block.states.length; next <= at; next++) {
        block.states.push(applied(block.states[next - block.from - 1], block.steps[next - block.from - 1], next));
      }
      return block.states[at - block.from];
    }
    // The step that leads to a state.
    async step(at) {
      const block = await this.block(Math.floor((at - 1) / BLOCK));
      return block.steps[at - 1 - block.from];
    }
    find(name) {
      const exact = this.states.findIndex((state) => state.i === name || state.s === name);
      return exact >= 0 ? exact : this.states.findIndex((state) => state.i.startsWith(name) || state.s.startsWith(name));
    }
    title(at) { const state = this.states[at]; return at === 0 ? "input" : state.s; }
  }
  function* each(step) {
    let pair = 0;
    for (let at = 0; at < step.p.length; at += 4) {
      const [kind, before, after, length] = step.p.slice(at, at + 4);
      for (let n = 0; n < length; n++) yield { kind, b: before < 0 ? -1 : before + n, a: after < 0 ? -1 : after + n, pair: pair++ };
    }
  }
  function applied(old, step, number) {
    let size = 0;
    for (let at = 0; at < step.p.length; at += 4) if (step.p[at + 2] >= 0) size = Math.max(size, step.p[at + 2] + step.p[at + 3]);
    const next = { l: new Array(size), m: new Array(size).fill(1), a: new Array(size).fill(number), c: new Array(size).fill(0) };
    const named = new Uint8Array(size);
    for (let at = 0; at < step.p.length; at += 4) {
      const [kind, before, after, length] = [step.p[at], step.p[at + 1], step.p[at + 2], step.p[at + 3]];
      if (after < 0) continue;
      for (let n = 0; n < length; n++) {
        const to = after + n;
        if (kind !== SAME) named[to] = 1;
        if (before < 0) continue;
        const from = before + n;
        next.l[to] = old.l[from]; next.m[to] = old.m[from]; next.a[to] = old.a[from];
        next.c[to] = kind === CHANGED || kind === ATTRIBUTES ? number : old.c[from];
      }
    }
    let own = 0;
    for (let to = 0; to < size; to++) if (named[to]) next.l[to] = step.n[own++];
    for (let at = 0; step.m && at < step.m.length; at += 2) next.m[step.m[at]] = step.m[at + 1];
    return next;
  }
  // How the lines of one state became those of a later one: where each of them is, and the most that happened to it.
  let walked = null;
  async function way(own, from, to) {
    if (!walked || walked.own !== own || walked.from !== from || walked.at > to) {
      const size = (await own.state(from)).l.length;
      walked = { own, from, at: from, to: Int32Array.from({ length: size }, (_, line) => line), kind: new Uint8Array(size) };
    }
    const found = walked;
    while (found.at < to) {
      const { p } = await own.step(found.at + 1), next = new Map();
      for (let n = 0; n < p.length; n += 4) {
        for (let line = 0; p[n + 1] >= 0 && p[n + 2] >= 0 && line < p[n + 3]; line++) next.set(p[n + 1] + line, [p[n + 2] + line, p[n]]);
      }
      for (let line = 0; line < found.to.length; line++) {
        if (found.to[line] < 0) continue;
        const [where, kind] = next.get(found.to[line]) || [-1, REMOVED];
        found.to[line] = where;
        found.kind[line] = Math.max(found.kind[line], kind);
      }
      found.at++;
    }
    return found;
  }
  // Two states of a run as a step from one to the other, whichever came first.
  async function between(own, from, at) {
    const { to, kind } = await way(own, Math.min(from, at), Math.max(from, at));
    const before = (await own.state(from)).l, after = (await own.state(at)).l;
    const source = new Int32Array(after.length).fill(-1), kinds = new Uint8Array(after.length), kept = new Uint8Array(before.length);
    to.forEach((where, line) => {
      if (where < 0) return;
      const [b, a] = from <= at ? [line, where] : [where, line];
      source[a] = b; kept[b] = 1;
      kinds[a] = kind[line] === CHANGED && before[b] === after[a] ? SAME : kind[line];
    });
    const p = [];
    let next = 0;
    const gone = (until) => { for (; next < until; next++) if (!kept[next]) p.push(REMOVED, next, -1, 1); };
    after.forEach((_, a) => {
      if (source[a] < 0) {
        let until = next;
        while (until < kept.length && !kept[until]) until++;
        gone(until);
        p.push(ADDED, -1, a, 1);
        return;
      }
      if (source[a] >= next) { gone(source[a]); next = source[a] + 1; }
      p.push(kinds[a], source[a], a, 1);
    });
    gone(before.length);
    return { p, n: [] };
  }
  const roleOf = (mark) => (mark >> 1) & 7;
  const numberOf = (mark) => mark >>> 4;
  const begins = (mark) => (mark & 1) === 1;

  // A list of which only the rows on the screen are in the document.
  class Listing {
    constructor(label, row, moved) {
      this.items = []; this.cursor = 0; this.row = row; this.moved = moved; this.columns = 0;
      this.id = "list" + Listing.next++;
      this.shown = el("div", { class: "shown", role: "presentation" });
      this.room = el("div", { class: "room", role: "presentation" }, this.shown);
      this.el = el("div", { class: "listing", role: "listbox", tabindex: 0, "aria-label": label }, this.room);
      this.el.addEventListener("scroll", () => this.paint(), { passive: true });
      this.el.addEventListener("click", (event) => {
        const at = this.at(event);
        if (at >= 0) { this.go(at, false); if (this.opened) this.opened(at); }
      });
      this.el.addEventListener("mousemove", (event) => {
        const at = this.at(event);
        if (this.hovered && at !== this.over) { this.over = at; this.hovered(at); }
      });
      this.el.addEventListener("mouseleave", () => { this.over = -1; if (this.hovered) this.hovered(-1); });
      this.el.addEventListener("focus", () => { Listing.current = this; this.paint(); });
      this.el.addEventListener("keydown", (event) => {
        if (event.key === "Enter" && this.opened) { this.opened(this.cursor); event.preventDefault(); }
      });
      new ResizeObserver(() => this.paint()).observe(this.el);
      this.el.listing = this;
    }
    at(event) {
      const row = event.target.closest("[data-at]");
      return row && this.el.contains(row) ? Number(row.dataset.at) : -1;
    }
    set(items, cursor, columns) {
      this.items = items;
      this.columns = columns || 0;
      this.room.style.height = items.length * ROW + "px";
      this.room.style.minWidth = this.columns ? this.columns + "ch" : "";
      this.cursor = Math.max(0, Math.min(cursor || 0, items.length - 1));
      this.painted = null;
      this.into(true);
      this.paint();
    }
    go(at, center) {
      if (!this.items.length) return;
      this.cursor = Math.max(0, Math.min(at, this.items.length - 1));
      this.into(center);
      this.refresh();
      if (this.moved) this.moved(this.cursor);
    }
    into(center) {
      const top = this.cursor * ROW, height = this.el.clientHeight || 400;
      if (top < this.el.scrollTop + ROW || top + 2 * ROW > this.el.scrollTop + height) {
        this.el.scrollTop = center || Math.abs(top - this.el.scrollTop) > 2 * height ? Math.max(0, top - height / 3)
          : top < this.el.scrollTop + ROW ? Math.max(0, top - ROW) : top + 2 * ROW - height;
      }
    }
    refresh() { this.painted = null; this.paint(); }
    paint() {
      const height = Math.min(this.el.clientHeight || 400, 120 * ROW);
      // Paper has no other rows than these.
      const onPaper = printed();
      const from = onPaper ? 0 : Math.max(0, Math.floor(this.el.scrollTop / ROW) - SPARE);
      const to = Math.min(this.items.length, onPaper || from + Math.ceil(height / ROW) + 2 * SPARE);
      const key = from + "-" + to;
      if (this.painted === key) return;
      this.painted = key;
      const rows = [];
      for (let at = from; at < to; at++) {
        const row = this.row(this.items[at], at);
        row.id = this.id + "-" + at;
        row.dataset.at = at;
        row.setAttribute("role", "option");
        row.setAttribute("aria-selected", at === this.cursor ? "true" : "false");
        row.setAttribute("aria-posinset", at + 1);
        row.setAttribute("aria-setsize", this.items.length);
        row.classList.toggle("cursor", at === this.cursor);
        rows.push(row);
      }
      const left = this.items.length - to;
      if (onPaper && left) rows.push(el("div", { class: "row fold" }, `  ~ ${count(left, "further line")} not printed`));
      this.shown.style.transform = `translateY(${from * ROW}px)`;
      this.shown.replaceChildren(...rows);
      if (this.cursor >= from && this.cursor < to) this.el.setAttribute("aria-activedescendant", this.id + "-" + this.cursor);
      else this.el.removeAttribute("aria-activedescendant");
    }
  }
  Listing.next = 0;
  Listing.current = null;
  // How many rows of each list are printed; 0 while nothing is.
  const paper = window.matchMedia("print");
  let isPrinting = false;
  const listings = () => [...document.querySelectorAll(".listing")];
  const printed = () => (paper.matches || isPrinting ? Math.floor(MOST / Math.max(1, listings().length)) : 0);
  function print(is) { isPrinting = is; for (const { listing } of listings()) listing.refresh(); }
  paper.addEventListener("change", () => print(false));
  window.addEventListener("beforeprint", () => print(true));
  window.addEventListener("afterprint", () => print(false));

  // What is shown.
  const view = {
    tab: "difference", run: 0, step: 0, line: undefined, pair: 0, query: "", shape: "unified", folds: true, attributes: false,
    blame: false, roles: true, types: false, activity: false, kept: false, numbers: false, source: 0, colours: false, kinds: 0, stage: "", filter: "", derivative: "last", open: new Set(), pin: undefined,
  };
  const run = () => runs[view.run];
  const said = el("div", { id: "said", role: "status", "aria-live": "polite" });
  function say(words, bad) { said.textContent = words; said.classList.toggle("bad", !!bad); }

  // Entries of a comparison: pairs, and folds of what is the same.
  function entries(step, before, after) {
    const all = [];
    const differs = (pair) => pair.kind >= CHANGED || pair.kind === MOVED || (view.attributes && pair.kind === ATTRIBUTES);
    for (const pair of each(step)) all.push(pair);
    const kept = new Uint8Array(all.length);
    let found = 0;
    all.forEach((pair, at) => {
      if (!differs(pair)) return;
      found++;
      kept.fill(1, Math.max(0, at - CONTEXT), Math.min(all.length, at + CONTEXT + 1));
    });
    if (!view.folds || !found || view.shape === "after" || view.shape === "before") kept.fill(1);
    const out = [];
    let fold = null;
    const words = (pair) => (step.w && step.w[pair.pair]) || [];
    const other = new Set(step.o || []);
    all.forEach((pair, at) => {
      if (!kept[at] && !view.open.has(at)) {
        if (!fold) { fold = { fold: 0, from: at, to: at }; out.push(fold); }
        fold.fold++; fold.to = at;
        return;
      }
      fold = null;
      const b = pair.b < 0 ? -1 : before.l[pair.b], a = pair.a < 0 ? -1 : after.l[pair.a];
      const entry = { pair, b, a, differs: differs(pair), words: words(pair), other: other.has(pair.pair) };
      if (view.shape === "split") out.push(entry);
      else if (view.shape === "after") { if (a >= 0) out.push({ ...entry, side: "a", sign: " " }); }
      else if (view.shape === "before") { if (b >= 0) out.push({ ...entry, side: "b", sign: " " }); }
      else if (pair.kind === CHANGED || (view.attributes && pair.kind === ATTRIBUTES)) out.push({ ...entry, side: "b", sign: "-" }, { ...entry, side: "a", sign: "+" });
      else if (pair.kind === REMOVED) out.push({ ...entry, side: "b", sign: "-" });
      else if (pair.kind === ADDED) out.push({ ...entry, side: "a", sign: "+" });
      else out.push({ ...entry, side: "a", sign: [" ", "~", "*", ">"][pair.kind] });
    });
    if (view.shape === "after") out.sort((x, y) => x.pair && y.pair ? x.pair.a - y.pair.a : 0);
    if (view.shape === "before") out.sort((x, y) => x.pair && y.pair ? x.pair.b - y.pair.b : 0);
    return out;
  }
  function widest(items) {
    let most = 40;
    for (const item of items) for (const id of [item.a, item.b]) if (id >= 0) most = Math.max(most, lines.t[id].length);
    return most + 14 + (view.blame ? 22 : 0) + cells();
  }
  const cells = () => (view.types ? 14 : 0) + (view.activity ? 2 : 0) + (view.kept ? 5 : 0) + (view.numbers ? 22 : 0);

  // Lines of Rust: which instructions of the primal come from one, and the line that an instruction comes from.
  async function findPlaces(own) {
    if (own.primalNumbers) return;
    const at = own.points.primal ?? own.points.prepared ?? 0;
    own.primalNumbers = own.states.length ? (await own.state(at)).m.map(numberOf) : [];
    own.placeOf = new Map();
    own.numbersAt = new Map();
    own.places.forEach((place, line) => {
      const number = own.primalNumbers[line];
      if (!place || !number) return;
      own.placeOf.set(number, place);
      const key = place[0] + ":" + place[1];
      if (!own.numbersAt.has(key)) own.numbersAt.set(key, new Set());
      own.numbersAt.get(key).add(number);
    });
  }
  const sourceLine = (own, [file, no]) => (own.sources[file].lines.find(([number]) => number === no) || [no, ""])[1];
  // Each line of Rust above what it became, where the line changes.
  function withSource(items, { before, after, own }) {
    const out = [];
    let last = null;
    for (const item of items) {
      const isAfter = item.pair && (item.side ? item.side === "a" : item.pair.a >= 0);
      const mark = item.pair ? (isAfter ? after.m[item.pair.a] : before.m[item.pair.b]) : 0;
      const place = own.placeOf.get(numberOf(mark));
      if (place && place.join() !== last) out.push({ src: place, text: sourceLine(own, place) });
      if (place) last = place.join();
      out.push(item);
    }
    return out;
  }
  // Lines of Rust alone, each with what it became.
  function sourceAlone({ after, own, primalAfter }) {
    const out = [];
    own.sources.forEach((file, number) => {
      out.push({ head: file.name });
      let last = 0;
      for (const [no, text] of file.lines) {
        if (last && no > last + 1) out.push({ head: `~ ${count(no - last - 1, "line")}` });
        last = no;
        const numbers = own.numbersAt.get(number + ":" + no) || new Set(), found = new Array(ROLES.length).fill(0);
        for (const mark of after.m) if (begins(mark) && numbers.has(numberOf(mark))) found[primalAfter ? 1 : roleOf(mark)]++;
        const notes = found.map((n, role) => (n ? `${n} ${ROLES[role]}` : "")).filter(Boolean);
        out.push({ src: [number, no], text, notes: notes.join(", ") });
      }
    });
    return out;
  }

  // Cells before a line: role, instruction, who made it, numbers.
  function gutter(row, mark, who, isPrimal, own = run()) {
    const role = roleOf(mark), of = numberOf(mark);
    if (own.hasRoles && view.roles) {
      const unknown = begins(mark) && !isPrimal;
      row.append(el("span", { class: "role role" + role, title: ROLES[role] }, role ? LETTERS[role] : unknown ? "?" : " "));
      row.append(el("span", { class: "of" }, of ? String(of) : ""));
    }
    if (view.blame) row.append(el("span", { class: "by" }, who === undefined ? "" : own.title(who)));
    const said = of && own.primal[of - 1] && begins(mark) ? own.primal[of - 1] : null;
    if (view.types) row.append(el("span", { class: "ty", title: said ? said.tree : "" }, said ? said.t : ""));
    if (view.activity) row.append(el("span", { class: "role", title: said ? (said.act ? "active" : "constant") : "" }, said ? (said.act ? "*" : "·") : ""));
    if (view.kept) row.append(el("span", { class: "kept" }, said ? said.c : ""));
    if (view.numbers) {
      const known = of && own.primal[of - 1] && begins(mark) ? own.primal[of - 1] : null;
      const value = known && (isPrimal || role === 1 || role === 5 || role === 6) ? known.v : null;
      const derivative = known && (isPrimal || role === 3 || role === 4) ? known.d : null;
      row.append(el("span", { class: "num" }, value || ""), el("span", { class: "num d" }, derivative || ""));
    }
  }

  // A pane with a comparison.
  class Code {
    constructor(label, moved) {
      this.list = new Listing(label, (item) => this.row(item), (at) => moved && moved(this.list.items[at]));
      this.list.opened = (at) => {
        const item = this.list.items[at];
        if (item && item.fold) {
          for (let n = item.from; n <= item.to; n++) view.open.add(n);
          this.lay(at);
        }
      };
      this.el = this.list.el;
    }
    show(data, line) {
      this.data = data;
      this.lay(0);
      if (line !== undefined) this.toLine(line);
      else if (!this.hunk(1, true)) this.list.go(0, true);
    }
    lay(cursor) {
      const { step, before, after, own } = this.data;
      let items;
      if (own && own.sources.length && view.source === 2) items = sourceAlone(this.data);
      else {
        items = entries(step, before, after);
        if (own && view.source === 1) items = withSource(items, this.data);
      }
      this.list.set(items, cursor, view.shape === "split" ? Math.min(2 * widest(items), 150) : widest(items));
    }
    relay() {
      const item = this.list.items[this.list.cursor];
      this.lay(0);
      if (item && item.pair) this.toPair(item.pair.pair, item.side);
    }
    toPair(pair, side) {
      let at = this.list.items.findIndex((item) => item.pair && item.pair.pair === pair && (!side || item.side === side || !item.side));
      if (at < 0) at = this.list.items.findIndex((item) => (item.pair && item.pair.pair === pair) || (item.fold && item.from <= pair && pair <= item.to));
      if (at >= 0) this.list.go(at, true);
    }
    toLine(line) {
      const found = [...each(this.data.step)].find((pair) => pair.a === line);
      if (found) { view.open.add(found.pair); this.lay(0); this.toPair(found.pair, "a"); }
      return !!found;
    }
    hunk(by, first) {
      const items = this.list.items;
      let at = first ? -1 : this.list.cursor;
      if (!first) while (items[at] && items[at].differs && at >= 0 && at < items.length) at += by;
      for (at += by; at >= 0 && at < items.length; at += by) if (items[at].differs) { this.list.go(at, true); return true; }
      return false;
    }
    search(by) {
      const items = this.list.items, wanted = view.query.toLowerCase();
      for (let n = 1; n <= items.length; n++) {
        const at = (this.list.cursor + by * n + items.length * 2) % items.length;
        const ids = [items[at].a, items[at].b].filter((id) => id >= 0);
        if (ids.some((id) => lines.t[id].toLowerCase().includes(wanted))) { this.list.go(at, true); return true; }
      }
      return false;
    }
    row(item) {
      if (item.fold) return el("div", { class: "row fold" }, `  ~ ${count(item.fold, "line")} without a difference`);
      if (item.head !== undefined) return el("div", { class: "row fold" }, " " + item.head);
      if (item.src) return el("div", { class: "row src" }, el("span", { class: "of" }, String(item.src[1])), el("span", { class: "text" }, item.text), item.notes ? el("span", { class: "tc" }, "   " + item.notes) : null);
      const { pair } = item, { before, after, primalBefore, primalAfter } = this.data;
      if (view.shape === "split") {
        const half = (id, line, state, isPrimal, other) => {
          const changed = item.differs && pair.kind !== MOVED;
          const cell = el("div", { class: "half" + colour(id >= 0 && state.m[line], isPrimal) + (id < 0 ? " none" : changed ? (other ? " add" : " del") : "") });
          if (id >= 0) {
            cell.append(el("span", { class: "sign" }, changed ? (other ? "+" : "-") : " "));
            gutter(cell, state.m[line], state.a[line], isPrimal, (this.data.runs || [])[other ? 1 : 0]);
            cell.append(painted(id, changed && pair.kind === CHANGED ? item.words[other ? 1 : 0] : null));
          }
          return cell;
        };
        return el("div", { class: "row split" }, half(item.b, pair.b, before, primalBefore, false), half(item.a, pair.a, after, primalAfter, true));
      }
      const isAfter = item.side === "a", state = isAfter ? after : before, line = isAfter ? pair.a : pair.b;
      const row = el("div", { class: "row" + colour(state.m[line], isAfter ? primalAfter : primalBefore) + (item.sign === "+" ? " add" : item.sign === "-" ? " del" : "") }, el("span", { class: "sign" }, item.sign));
      gutter(row, state.m[line], state.a[line], isAfter ? primalAfter : primalBefore, (this.data.runs || [])[isAfter ? 1 : 0]);
      row.append(painted(isAfter ? item.a : item.b, pair.kind === CHANGED && item.sign !== " " ? item.words[isAfter ? 1 : 0] : null));
      if (item.other && isAfter) row.append(el("span", { class: "tc" }, "  ; same text, other value"));
      return row;
    }
  }

  // Colours by what an instruction is there for, or by what a token is.
  const colour = (mark, isPrimal) => (view.colours && mark && begins(mark) ? " by role" + (isPrimal ? 1 : roleOf(mark)) : "");
  const isPrimal = (own, at) => own.points.primal !== null && at <= own.points.primal;

  // What is known of a line.
  async function facts(box, own, at, line, shownBefore) {
    const state = await own.state(at);
    const mark = state.m[line], of = numberOf(mark), role = roleOf(mark);
    const parts = [el("p", { class: "whole" }, el("code", null, lines.t[state.l[line]].trim()))];
    const there = (number) => ({ tab: "steps", run: own.at, step: number, line: undefined });
    const link = (number, words) => el("a", { href: hash(there(number)), onclick: (event) => { event.preventDefault(); go(there(number)); } }, words);
    const first = [];
    if (role) first.push(ROLES[role] + (of ? `, belongs to instruction ${of} of the primal` : ""));
    else if (of) first.push(`instruction ${of} of the primal`);
    else if (begins(mark) && own.hasRoles && !isPrimal(own, at)) first.push("what it is there for is not known");
    if (first.length) parts.push(el("p", null, el("strong", null, first.join(" "))));
    const known = of ? own.primal[of - 1] : null;
    if (known) {
      const words = [];
      if (known.t) words.push("type " + known.t);
      words.push(known.act ? "active: it has a derivative" : "constant: it has no derivative");
      if (known.c === "kept") words.push("its value is kept for the reverse sweep");
      if (known.c === "anew") words.push("it is computed again in the reverse sweep");
      if (known.c === "used") words.push("the reverse sweep uses it where it stands");
      parts.push(el("p", null, words.join(" · ")));
      for (const why of known.why) parts.push(el("p", null, "because: " + why));
      if (known.v !== null) parts.push(el("p", null, "value " + known.v + (known.d !== null ? `, ${own.what.startsWith("forward") ? "tangent" : "adjoint"} ${known.d}` : "") + (known.x > 1 ? ` (the first of ${known.x} times)` : "")));
      await findPlaces(own);
      const place = own.placeOf.get(of);
      if (place) parts.push(el("p", null, `${own.sources[place[0]].name}:${place[1]}`));
    }
    const blame = el("p", null, "made by ", link(state.a[line], own.title(state.a[line])));
    if (state.c[line]) blame.append(", changed by ", link(state.c[line], own.title(state.c[line])));
    const gone = el("button", { type: "button", onclick: async () => {
      gone.disabled = true;
      const when = await removed(own, at, line);
      gone.replaceWith(when ? el("span", null, "removed by ", link(when, own.title(when))) : "it is there to the end");
    } }, "until when?");
    if (at < own.states.length - 1 && !shownBefore) blame.append(" · ", gone);
    parts.push(blame);
    box.replaceChildren(...parts);
  }
  async function removed(own, at, line) {
    for (let next = at + 1; next < own.states.length; next++) {
      const step = await own.step(next);
      let found = -1;
      for (let n = 0; n < step.p.length; n += 4) {
        const [, before, after, length] = step.p.slice(n, n + 4);
        if (before >= 0 && before <= line && line < before + length && after >= 0) found = after + line - before;
      }
      if (found < 0) return next;
      line = found;
    }
    return 0;
  }
  // Tabs.
  const tabs = {};
  const strip = el("div", { class: "tabs", role: "tablist", "aria-label": "Views" });
  const panel = el("section", { id: "panel", role: "tabpanel", tabindex: -1 });
  function tab(id, words, build) {
    const button = el("button", { type: "button", role: "tab", id: "tab-" + id, "aria-controls": "panel", onclick: () => go({ tab: id }) }, words);
    tabs[id] = { button, build };
    strip.append(button);
  }
  strip.addEventListener("keydown", (event) => {
    const ids = Object.keys(tabs), at = ids.indexOf(view.tab);
    const next = event.key === "ArrowRight" ? at + 1 : event.key === "ArrowLeft" ? at - 1 : event.key === "Home" ? 0 : event.key === "End" ? ids.length - 1 : NaN;
    if (Number.isNaN(next)) return;
    event.preventDefault(); event.stopPropagation();
    const id = ids[(next + ids.length) % ids.length];
    go({ tab: id }).then(() => tabs[id].button.focus());
  });

  function toggle(words, key, name, then) {
    const button = el("button", { type: "button", "aria-pressed": String(!!view[key]), title: "key " + name, onclick: () => { view[key] = !view[key]; button.setAttribute("aria-pressed", String(view[key])); then(); } }, words);
    button.dataset.key = key;
    return button;
  }
  function shapes(then) {
    const select = el("select", { onchange: () => { view.shape = select.value; then(); } },
      ...[["unified", "unified"], ["split", "side by side"], ["after", "only after"], ["before", "only before"]].map(([value, words]) => el("option", { value, selected: view.shape === value }, words)));
    select.dataset.key = "shape";
    return el("label", null, "layout", select);
  }
  let current = null;

  // The difference between the prepared function and the end.
  async function difference() {
    const own = run(), main = own.main;
    if (!main) return el("p", { class: "note" }, own.states.length ? "The run has one state only: there is nothing to compare." : "The run holds no function.");
    const box = el("div", { class: "facts", role: "region", "aria-label": "About the line" });
    const code = new Code("Lines of the difference", (item) => about(box, own, item, main.before, main.after));
    code.el.classList.add("wide");
    await findPlaces(own);
    const data = { own, step: main.d, before: await own.state(main.before), after: await own.state(main.after), primalBefore: isPrimal(own, main.before), primalAfter: isPrimal(own, main.after) };
    view.open = new Set();
    current = { code, then: () => code.relay() };
    ready = () => code.show(data);
    return [el("div", { class: "bar" }, el("span", { class: "what" }, `${named(own, main.before)} → ${named(own, main.after)}`), ...settings(() => code.relay())), code.el, box];
  }
  function named(own, at) {
    const points = own.points;
    return at === points.last ? "final" : at === points.derivative ? "derivative" : at === points.prepared ? "prepared" : own.title(at);
  }
  function settings(then) {
    const own = run(), all = [shapes(then), toggle("folds", "folds", "z", then), toggle("attributes", "attributes", "a", then), toggle("blame", "blame", "b", then)];
    if (own.hasRoles) all.push(toggle("roles", "roles", "1", then));
    if (own.primal.length) all.push(toggle("types", "types", "2", then), toggle("activity", "activity", "3", then), toggle("kept", "kept", "4", then));
    if (own.primal.some((known) => known.v !== null)) all.push(toggle("numbers", "numbers", "5", then));
    if (own.sources.length) {
      const select = el("select", { onchange: () => { view.source = Number(select.value); then(); } },
        ...["no Rust", "Rust above what it became", "Rust with what it became"].map((words, value) => el("option", { value, selected: view.source === value }, words)));
      select.dataset.key = "source";
      all.push(el("label", null, "source", select));
    }
    if (own.hasRoles) all.push(toggle("colours of roles", "colours", "C", then));
    return all;
  }
  function about(box, own, item, before, after) {
    if (!item || item.fold) { box.replaceChildren(el("p", { class: "note" }, item ? "Enter shows these lines." : "")); return; }
    if (!item.pair) {
      const own = run(), found = item.src ? own.numbersAt.get(item.src.join(":")) : null;
      box.replaceChildren(el("p", null, item.src ? `${own.sources[item.src[0]].name}:${item.src[1]}: ${found ? "instructions " + [...found].join(", ") + " of the primal" : "no instruction of the primal comes from here"}` : ""));
      return;
    }
    const isAfter = item.side ? item.side === "a" : item.pair.a >= 0;
    const line = isAfter ? item.pair.a : item.pair.b, at = isAfter ? after : before;
    view.line = isAfter ? line : view.line;
    if (view.tab === "steps") remember();
    own.state(at).then((state) => { view.pair = numberOf(state.m[line]); if (view.tab === "steps") remember(); });
    facts(box, own, at, line, !isAfter);
  }

  // Steps: chart, list, and the step that was chosen.
  let stepper = null;
  async function steps() {
    const own = run();
    if (!own.states.length) return el("p", { class: "note" }, "The run holds no function.");
    const box = el("div", { class: "facts", role: "region", "aria-label": "About the line" });
    const title = el("span", { class: "what" });
    let shown = -1;
    const code = new Code("Lines of the step", (item) => about(box, own, item, base(shown), shown));
    code.el.classList.add("stepscode");
    // What a step is compared with: the state before it, or the pinned one.
    const base = (at) => view.pin ?? Math.max(0, at - 1);
    const pin = el("button", { type: "button", "aria-pressed": "false", title: "key m", onclick: () => stepper.pin(view.pin === view.step ? undefined : view.step) }, "pin");
    pin.dataset.key = "pin";
    const list = new Listing("Steps", (item) => {
      if (item.stage !== undefined) return el("div", { class: "row stage" }, `${item.stage || "input"} (${count(item.count, "step")})`);
      const state = own.states[item.at];
      const row = el("div", { class: "row" }, el("span", { class: "name" }, "  " + own.title(item.at).replace(state.g + "/", "").replace(/\/1$/, "")));
      const delta = el("span", { class: "delta" });
      if (item.at === 0) { /* nothing came before it */ }
      else if (state.k === 2) delta.append(el("span", { class: "plus" }, "+" + state.a), " ", el("span", { class: "minus" }, "−" + state.r));
      else delta.append(state.k === 1 ? "attributes" : "numbers");
      row.append(delta);
      return row;
    }, (at) => { const item = list.items[at]; if (item.at !== undefined && item.at !== view.step) { view.line = undefined; choose(item.at); } });
    list.el.classList.add("stepslist");
    const items = () => {
      const out = [];
      const word = view.filter.toLowerCase();
      own.states.forEach((state, at) => {
        if (at > 0 && (state.k === 0 && view.kinds < 2 || state.k === 1 && view.kinds < 1)) return;
        if (view.stage && state.g !== view.stage) return;
        if (word && !state.i.toLowerCase().includes(word)) return;
        const head = out.findLast ? out.findLast((item) => item.stage !== undefined) : [...out].reverse().find((item) => item.stage !== undefined);
        if (at > 0 && (!head || head.stage !== state.g)) out.push({ stage: state.g, count: 1 });
        else if (head) head.count++;
        out.push({ at });
      });
      return out;
    };
    const relist = () => {
      const all = items();
      let at = all.findIndex((item) => item.at === view.step);
      if (at < 0) at = Math.max(0, all.findIndex((item) => item.at > view.step));
      list.set(all, at);
    };
    const choose = async (at, line) => {
      view.step = at;
      view.open = new Set();
      const state = await own.state(at);
      const from = base(at), before = await own.state(from);
      const step = view.pin !== undefined && from !== at - 1 ? await between(own, from, at)
        : at > 0 ? await own.step(at) : { p: [SAME, 0, 0, state.l.length], n: [] };
      if (view.step !== at) return;
      shown = at;
      const about = own.states[at];
      title.replaceChildren(`${at} of ${own.states.length - 1}: ${own.title(at)} `);
      pin.setAttribute("aria-pressed", String(view.pin !== undefined));
      if (view.pin !== undefined) title.append(`against ${own.title(view.pin)}`);
      else if (about.k === 2) title.append(el("span", { class: "plus" }, "+" + about.a), " ", el("span", { class: "minus" }, "−" + about.r));
      await findPlaces(own);
      code.show({ own, step, before, after: state, primalBefore: isPrimal(own, from), primalAfter: isPrimal(own, at) }, line);
      chart.here(at);
      const place = list.items.findIndex((item) => item.at === at);
      if (place >= 0 && list.cursor !== place) { list.cursor = place; list.into(true); list.refresh(); }
      remember();
    };
    const chart = timeline(own, (at) => { view.line = undefined; choose(at); });
    const stages = [...new Set(own.states.map((state) => state.g).filter(Boolean))];
    const stageStrip = el("div", { class: "tabs small", role: "group", "aria-label": "Stages" }, ...["", ...stages].map((stage) => {
      const button = el("button", { type: "button", "aria-pressed": String(view.stage === stage), "aria-selected": undefined, onclick: () => {
        view.stage = stage;
        for (const other of stageStrip.children) { const on = other === button; other.setAttribute("aria-pressed", String(on)); }
        relist();
        const listed = list.items.find((item) => item.at !== undefined);
        if (listed && stage && own.states[view.step].g !== stage) choose(listed.at);
      } }, stage || "every stage");
      return button;
    }));
    const kinds = el("select", { onchange: () => { view.kinds = Number(kinds.value); relist(); } },
      ...["what the function does", "attributes, too", "numbers, too"].map((words, value) => el("option", { value, selected: view.kinds === value }, words)));
    kinds.dataset.key = "kinds";
    const filter = el("input", { type: "search", value: view.filter, size: 10, oninput: () => { view.filter = filter.value; relist(); } });
    filter.dataset.key = "filter";
    stepper = {
      by(n) { // the next step that is listed
        const all = list.items.filter((item) => item.at !== undefined).map((item) => item.at);
        const next = n > 0 ? all.find((at) => at > view.step) : all.filter((at) => at < view.step).pop();
        if (next === undefined) say(n > 0 ? "this is the last step" : "this is the input"); else { view.line = undefined; choose(next); }
      },
      real(n) {
        for (let at = view.step + n; at > 0 && at < own.states.length; at += n) if (own.states[at].k === 2) { view.line = undefined; return choose(at); }
        say("no other step that way changes what the function does");
      },
      to(at) { view.line = undefined; choose(at); }, relist, choose, list,
      async pin(at) {
        view.pin = at;
        view.line = undefined;
        await choose(view.step);
        say(at === undefined ? "compared with the step before again" : `pinned ${own.title(at)}: every step is compared with it; Esc takes it back`);
      },
    };
    current = { code, then: () => code.relay() };
    ready = () => { relist(); return choose(view.step, view.line); };
    const quiet = own.quiet ? el("p", { class: "note" }, `${count(own.quiet, "pass", "passes")} ran and changed nothing.`) : null;
    return [chart.el, stageStrip,
      el("div", { class: "steps" },
        el("div", null, el("div", { class: "bar" }, el("label", null, "changes of", kinds), el("label", null, "name", filter)), list.el, quiet),
        el("div", null, el("div", { class: "bar" }, title, pin), el("div", { class: "bar" }, ...settings(() => code.relay())), code.el, box))];
  }

  // Instructions by step and role.
  function timeline(own, chosen) {
    const n = own.states.length, most = Math.max(1, ...own.states.map((state) => state.n.reduce((a, b) => a + b, 0)));
    const slots = Math.min(n, 400), first = (slot) => Math.floor(slot * n / slots);
    const picture = svg("svg", { viewBox: `0 0 ${slots} 100`, preserveAspectRatio: "none", role: "img", "aria-label": `Instructions by step: from ${own.states[0].n.reduce((a, b) => a + b, 0)} to ${own.states[n - 1].n.reduce((a, b) => a + b, 0)}, at most ${most}` });
    const below = new Array(slots).fill(0);
    const used = [];
    // What is there for something stands below what is not known.
    for (const role of [1, 2, 3, 4, 5, 6, 7, 0]) {
      let path = "", back = "", any = false;
      for (let slot = 0; slot < slots; slot++) {
        const own_n = own.states[first(slot)].n[role];
        any = any || own_n > 0;
        const top = below[slot] + own_n, y = 100 - 98 * top / most, y0 = 100 - 98 * below[slot] / most;
        path += `${slot ? "L" : "M"}${slot} ${y}L${slot + 1} ${y}`;
        back = `L${slot + 1} ${y0}L${slot} ${y0}` + back;
        below[slot] = top;
      }
      if (any) { used.push(role); picture.append(svg("path", { d: path + back + "Z", class: "f" + role })); }
    }
    for (let slot = 1; slot < slots; slot++) {
      if (own.states[first(slot)].g !== own.states[first(slot - 1)].g) picture.append(svg("line", { x1: slot, x2: slot, y1: 0, y2: 100, class: "edge" }));
    }
    const here = svg("line", { y1: 0, y2: 100, class: "here" });
    picture.append(here);
    picture.addEventListener("click", (event) => {
      const box = picture.getBoundingClientRect();
      chosen(Math.max(0, Math.min(n - 1, Math.floor((event.clientX - box.left) / box.width * n))));
    });
    const range = el("input", { type: "range", min: 0, max: n - 1, value: view.step, "aria-label": "Step", oninput: () => chosen(Number(range.value)) });
    const legend = el("ul", { class: "legend", "aria-label": "Roles" }, ...used.map((role) => el("li", null, el("i", { class: "f" + role }), own.hasRoles ? ROLES[role] : "instructions")), el("li", null, `at most ${count(most, "instruction")}`));
    return {
      el: el("div", { class: "chart" }, picture, range, legend),
      here(at) {
        const x = (at + 0.5) / n * slots;
        here.setAttribute("x1", x); here.setAttribute("x2", x);
        range.value = at; range.setAttribute("aria-valuetext", own.title(at));
      },
    };
  }

  // Source, primal and derivative side by side.
  let pairing = null;
  async function pairs() {
    const own = run(), primalAt = own.points.primal ?? own.points.prepared ?? 0;
    const otherAt = own.points[view.derivative] ?? own.points.derivative;
    if (!own.states.length) return el("p", { class: "note" }, "The run holds no function.");
    const primal = await own.state(primalAt);
    const other = otherAt === null || otherAt === undefined ? null : await own.state(otherAt);
    await findPlaces(own);
    const box = el("div", { class: "facts", role: "region", "aria-label": "About the line" });
    let lit = new Set(), litSource = new Set();
    const items = (state) => state.l.map((id, line) => ({ a: id, b: -1, line, of: numberOf(state.m[line]), mark: state.m[line] }));
    const make = (label, state, isPrimalSide) => {
      const list = new Listing(label, (item) => {
        const row = el("div", { class: "row" + (item.of && lit.has(item.of) && begins(item.mark) ? " lit" : "") }, el("span", { class: "sign" }, " "));
        gutter(row, item.mark, state.a[item.line], isPrimalSide);
        row.append(painted(item.a, null));
        return row;
      }, (at) => { const item = list.items[at]; light(list, new Set(item.of ? [item.of] : []), true); view.pair = item.of; remember(); facts(box, own, isPrimalSide ? primalAt : otherAt, item.line); });
      list.hovered = (at) => { if (at >= 0) { const item = list.items[at]; light(list, new Set(item.of ? [item.of] : []), false); } };
      list.el.classList.add("wide");
      return list;
    };
    const left = make("The primal", primal, true);
    const right = other ? make("The derivative", other, false) : null;
    const sourceItems = [];
    own.sources.forEach((file, number) => {
      sourceItems.push({ head: file.name });
      let last = 0;
      for (const [no, text] of file.lines) {
        if (last && no > last + 1) sourceItems.push({ skip: no - last - 1 });
        last = no;
        sourceItems.push({ file: number, no, text });
      }
    });
    const numbersAt = own.numbersAt;
    const source = sourceItems.length ? new Listing("Rust source", (item) => {
      if (item.head !== undefined) return el("div", { class: "row src" }, " " + item.head);
      if (item.skip) return el("div", { class: "row fold" }, `      ~ ${count(item.skip, "line")}`);
      const key = item.file + ":" + item.no;
      return el("div", { class: "row" + (litSource.has(key) ? " lit" : "") }, el("span", { class: "of" }, String(item.no)), el("span", { class: "text" }, item.text));
    }, (at) => chooseSource(at, true)) : null;
    const chooseSource = (at, isChosen) => {
      const item = source.items[at];
      const found = item && item.no ? numbersAt.get(item.file + ":" + item.no) || new Set() : new Set();
      light(source, found, isChosen);
      if (isChosen) {
        view.pair = [...found][0] || 0;
        remember();
        box.replaceChildren(el("p", null, item.no ? `${own.sources[item.file].name}:${item.no}: ${found.size ? "instructions " + [...found].join(", ") + " of the primal" : "no instruction of the primal comes from here"}` : ""));
      }
    };
    if (source) source.hovered = (at) => { if (at >= 0) chooseSource(at, false); };
    const light = (from, numbers, isChosen) => {
      lit = numbers;
      litSource = new Set();
      for (const [key, found] of numbersAt) for (const number of numbers) if (found.has(number)) litSource.add(key);
      for (const list of [left, right, source]) {
        if (!list) continue;
        if (isChosen && list !== from && numbers.size) {
          const isIt = list === source ? (item) => item.no && litSource.has(item.file + ":" + item.no)
            : (item) => item.of && numbers.has(item.of) && begins(item.mark);
          let at = list === right ? list.items.findIndex((item) => isIt(item) && [2, 3, 4].includes(roleOf(item.mark))) : -1;
          if (at < 0) at = list.items.findIndex(isIt);
          if (at >= 0) { list.cursor = at; list.into(true); }
        }
        list.refresh();
      }
    };
    const lists = [source, left, right].filter(Boolean);
    pairing = {
      partner() {
        const at = lists.indexOf(Listing.current);
        const next = lists[(at + 1) % lists.length];
        next.el.focus();
        say(next.el.getAttribute("aria-label"));
      },
      to(number) {
        const at = left.items.findIndex((item) => item.of === number && begins(item.mark));
        if (at < 0) return false;
        left.go(at, true);
        return true;
      },
    };
    const select = el("select", { onchange: () => { view.derivative = select.value; rebuild(); } },
      ...[["last", "in the end"], ["derivative", "as Enzyme made it"]].map(([value, words]) => el("option", { value, selected: view.derivative === value }, words)));
    current = { then: () => lists.forEach((list) => list.refresh()), lists };
    ready = () => {
      const width = (state) => Math.max(40, ...state.l.map((id) => lines.t[id].length)) + 12 + cells();
      if (source) source.set(sourceItems, 0, Math.max(30, ...sourceItems.map((item) => (item.text || "").length)) + 8);
      left.set(items(primal), 0, width(primal));
      if (right) right.set(items(other), 0, width(other));
      if (view.pair) { if (!pairing.to(view.pair)) { say(`the primal has no instruction ${view.pair}`, true); } }
      else { const first = left.items.findIndex((item) => item.of); if (first >= 0) left.go(first, true); }
    };
    const notes = [];
    if (!own.hasRoles) notes.push(el("p", { class: "note" }, "What belongs to what is not known of this run."));
    if (!source) notes.push(el("p", { class: "note" }, "The Rust source is not here."));
    const column = (words, list) => list ? el("div", null, el("h2", null, words), list.el) : null;
    const bar = el("div", { class: "bar" }, el("label", null, "the derivative", select));
    if (own.hasRoles) bar.append(toggle("roles", "roles", "1", () => current.then()));
    if (own.primal.length) for (const [key, name] of [["types", "2"], ["activity", "3"], ["kept", "4"]]) bar.append(toggle(key, key, name, () => rebuild()));
    if (own.primal.some((known) => known.v !== null)) bar.append(toggle("numbers", "numbers", "5", () => rebuild()));
    return [bar, el("div", { class: "pairs" + (lists.length < 3 ? " two" : "") },
      column("Rust", source), column("Primal, as Enzyme simplified it", left), right ? column(view.derivative === "last" ? "Derivative, in the end" : "Derivative, as Enzyme made it", right) : null), box, ...notes];
  }

  // Search over every line of every step, steps' names and the source.
  async function search() {
    const own = run();
    const box = el("input", { type: "search", id: "query", value: view.query, autocomplete: "off", spellcheck: "false", size: 30, oninput: () => { view.query = box.value; find(); } });
    const told = el("span", { class: "note" });
    const list = new Listing("Results", (item) => {
      const row = el("div", { class: "row" }, el("span", { class: "where" }, item.where));
      row.append(item.id !== undefined ? painted(item.id, null) : el("span", { class: "text" }, item.text));
      return row;
    });
    list.el.classList.add("wide", "results");
    list.opened = async (at) => {
      const item = list.items[at];
      if (item.id !== undefined) {
        const [number, step] = lines.f[item.id];
        const state = await runs[number].state(step);
        await go({ tab: "steps", run: number, step, line: state.l.indexOf(item.id) });
      } else if (item.step !== undefined) await go({ tab: "steps", step: item.step, line: undefined });
      else if (item.pair) await go({ tab: "pairs", pair: item.pair });
    };
    const find = () => {
      const wanted = view.query.toLowerCase().trim(), out = [];
      if (wanted) {
        own.states.forEach((state, at) => { if (state.i.toLowerCase().includes(wanted)) out.push({ where: "step", text: state.i, step: at }); });
        for (const [number, file] of own.sources.entries()) for (const [no, text] of file.lines) {
          if (!text.toLowerCase().includes(wanted)) continue;
          const line = own.places.findIndex((place) => place && place[0] === number && place[1] === no);
          out.push({ where: `${file.name}:${no}`, text, pair: line >= 0 && own.primalNumbers ? own.primalNumbers[line] : 0 });
        }
        for (let id = 0; id < lines.t.length; id++) {
          if (lines.t[id].toLowerCase().includes(wanted)) out.push({ where: "first in " + runs[lines.f[id][0]].title(lines.f[id][1]), id, a: id, b: -1 });
        }
      }
      told.textContent = wanted ? count(out.length, "result") : "Every line of every step, steps' names and the source are searched.";
      list.set(out, 0, widest(out) + 26);
      remember();
    };
    current = { then: () => list.refresh(), lists: [list] };
    ready = () => { find(); box.focus(); };
    return [el("div", { class: "bar" }, el("label", { for: "query" }, "search for"), box, told), list.el];
  }

  // Two runs.
  async function compare() {
    const both = await unpack("compare");
    const [one, two] = runs;
    const box = el("div", { class: "facts", role: "region", "aria-label": "About the line" });
    const words = el("p", null, both.words), about = el("div");
    let shown = null;
    const code = new Code("Lines that differ", (item) => {
      if (!item || item.fold || !shown) { about.replaceChildren(); return; }
      const isAfter = item.side ? item.side === "a" : item.pair.a >= 0;
      facts(about, isAfter ? two : one, isAfter ? shown.b : shown.a, isAfter ? item.pair.a : item.pair.b, true);
    });
    code.el.classList.add("wide");
    const title = el("span", { class: "what" });
    const show = async (which) => {
      const found = shown = both[which];
      view.open = new Set();
      title.textContent = `${one.what}: ${one.title(found.a)} → ${two.what}: ${two.title(found.b)}`;
      const data = { runs, step: found.d, before: await one.state(found.a), after: await two.state(found.b), primalBefore: isPrimal(one, found.a), primalAfter: isPrimal(two, found.b) };
      code.show(data);
      for (const button of choice.children) button.setAttribute("aria-pressed", String(button.dataset.which === which));
    };
    const choice = el("div", { class: "bar" }, ...[["parted", "where they part"], ["last", "in the end"]].filter(([which]) => both[which]).map(([which, words]) => {
      const button = el("button", { type: "button", onclick: () => show(which) }, words);
      button.dataset.which = which;
      return button;
    }));
    box.append(words, about);
    current = { code, then: () => code.relay() };
    ready = () => show(both.parted ? "parted" : "last");
    return [choice, el("div", { class: "bar" }, title, shapes(() => code.relay()), toggle("folds", "folds", "z", () => code.relay())), code.el, box];
  }

  // Where one is stands in the address.
  function hash(change) {
    const next = { ...view, ...change }, own = runs[next.run], parts = [];
    if (next.tab !== "difference") parts.push("view=" + next.tab);
    if (next.run) parts.push("run=" + next.run);
    if (next.tab === "steps" && own.states[next.step]) parts.push("step=" + encodeURIComponent(own.states[next.step].i));
    if (next.tab === "steps" && next.line !== undefined && next.line >= 0) parts.push("line=" + (next.line + 1));
    if (next.tab === "steps" && next.pin !== undefined && own.states[next.pin]) parts.push("pin=" + encodeURIComponent(own.states[next.pin].i));
    if (next.tab === "pairs" && next.pair) parts.push("pair=" + next.pair);
    if (next.query) parts.push("find=" + encodeURIComponent(next.query));
    return "#" + parts.join("&");
  }
  let own_hash = "";
  function remember() {
    own_hash = hash({});
    if (location.hash !== own_hash && (location.hash || own_hash !== "#")) history.replaceState(null, "", own_hash);
  }
  // Reads an address. What is unknown is reported.
  async function restore() {
    const wanted = new URLSearchParams(location.hash.slice(1));
    const change = { tab: "difference" }, bad = [];
    for (const [key, value] of wanted) {
      if (key === "run") { if (runs[value]) change.run = Number(value); else bad.push(`there is no run ${value}`); }
      else if (key === "view") { if (tabs[value]) change.tab = value; else bad.push(`there is no view ${value}`); }
      else if (key === "find") change.query = value;
      else if (!["step", "line", "pair", "pin"].includes(key)) bad.push(`the address says ${key}, which means nothing here`);
    }
    const own = runs[change.run ?? view.run];
    if (wanted.has("step")) {
      const at = own.find(wanted.get("step"));
      if (at >= 0) { change.step = at; change.tab = wanted.get("view") && tabs[wanted.get("view")] ? change.tab : "steps"; }
      else bad.push(`there is no step ${wanted.get("step")}`);
    }
    change.pin = undefined;
    if (wanted.has("pin")) {
      const at = own.find(wanted.get("pin"));
      if (at >= 0) change.pin = at; else bad.push(`there is no step ${wanted.get("pin")}`);
    }
    if (wanted.has("pair")) {
      const number = Number(wanted.get("pair"));
      if (Number.isInteger(number) && number > 0 && (number <= own.primal.length)) { change.pair = number; if (!wanted.has("step") && !wanted.has("view")) change.tab = "pairs"; }
      else bad.push(`there is no pair ${wanted.get("pair")}`);
    }
    if (wanted.has("line")) {
      const number = Number(wanted.get("line")), at = change.step ?? view.step;
      const size = own.states[at] ? (await own.state(at)).l.length : 0;
      if (Number.isInteger(number) && number > 0 && number <= size) change.line = number - 1;
      else bad.push(`there is no line ${wanted.get("line")}`);
    } else change.line = undefined;
    await go(change);
    if (bad.length) say(bad.join("; "), true);
  }

  let ready = null, turn = 0;
  async function rebuild() { return go({}); }
  async function go(change) {
    const own = ++turn;
    Object.assign(view, change);
    for (const [id, { button }] of Object.entries(tabs)) {
      button.setAttribute("aria-selected", String(id === view.tab));
      button.tabIndex = id === view.tab ? 0 : -1;
    }
    panel.setAttribute("aria-labelledby", "tab-" + view.tab);
    ready = current = stepper = pairing = null;
    say("");
    let built = await tabs[view.tab].build();
    if (own !== turn) return;
    built = Array.isArray(built) ? built.filter(Boolean) : [built];
    panel.replaceChildren(...built);
    if (ready) await ready();
    remember();
  }

  // Keys, as in irad explore.
  const KEYS = [
    ["h l, ← →", "the step before, the next one"], ["} {", "the next step that changes what the function does, the one before (Tab and Shift-Tab in the explorer: here they belong to the browser)"],
    ["< >", "the input, the last step"], ["f F", "only steps whose names hold a word; which kinds of changes"], ["w", "the list of steps"],
    ["m", "pin a step, and compare every other with it; Esc takes it back"], ["M", "compare with the other run of the page, in the end"], ["=", "of two runs: where they part"],
    ["j k, ↓ ↑", "a line down, up; Space and Page keys, g G the first, the last"], ["] [", "the next difference, the one before"],
    ["/ n N", "search, again, backwards"], ["v", "one column, two, only after, only before"], ["z", "fold what is the same"],
    ["a", "differences in attributes, too"], ["s", "lines of Rust above what they became; alone, with what they became; not at all"],
    ["p", "source, primal and derivative side by side; p again goes to the partner"],
    ["b", "which step made each line"], ["1 2 3 4 5", "before each line: roles, types, activity, what is kept, numbers"],
    ["C", "colours by what an instruction is there for, or by what a token is"],
    ["c", "what a check of the derivative came to"], ["o", "another run of the page"],
    ["y Y", "copy the line, or the whole step"], ["e", "save this step's IR"], [":", "the command line that shows this"], ["t", "light, dark, as the system has it"], ["?", "these keys"],
    ["i d L r", "need irad itself: each says which command"],
  ];
  const help = el("dialog", { "aria-labelledby": "keys" }, el("h2", { id: "keys" }, "Keys"), el("table", null, el("tbody", null, ...KEYS.map(([key, words]) => el("tr", null, el("th", { scope: "row" }, key), el("td", null, words))))), el("form", { method: "dialog" }, el("button", null, "close")));
  // The command line that shows what is shown.
  const quoted = (word) => (/^[\w@%+=:,.\/-]+$/.test(word) ? word : "'" + word.replaceAll("'", "'\\''") + "'");
  function command() {
    const own = run();
    if (view.tab === "pairs") return `irad explain ${own.request} --pairs`;
    if (view.tab === "steps" && own.states.length) {
      const at = own.states[view.step].i;
      if (view.pin === undefined) return `irad passes ${own.request} ${view.step ? "--step" : "--to"} ${quoted(at)}`;
      const ends = [own.states[Math.min(view.pin, view.step)].i, own.states[Math.max(view.pin, view.step)].i];
      return `irad passes ${own.request} --from ${quoted(ends[0])} --to ${quoted(ends[1])}`;
    }
    return `irad diff ${own.request}`;
  }
  const shownCommand = el("code", { tabindex: 0 });
  const commandBox = el("dialog", { "aria-labelledby": "command" }, el("h2", { id: "command" }, "The command line that shows this"), el("p", { class: "command" }, shownCommand),
    el("form", { method: "dialog" }, el("button", null, "close"), " ", el("button", { type: "button", onclick: () => copy(shownCommand.textContent, "copied the command") }, "copy")));
  async function copy(text, words) {
    try { await navigator.clipboard.writeText(text); say(words); } catch (error) { say("the browser does not let this page copy: " + error.message, true); }
  }
  // The line at the cursor, and the text of what is shown.
  function lineAt() {
    const item = current && current.code ? current.code.list.items[current.code.list.cursor] : Listing.current ? Listing.current.items[Listing.current.cursor] : null;
    if (!item) return "";
    if (item.text !== undefined) return item.text.trim();
    const id = item.side === "b" || !(item.a >= 0) ? item.b : item.a;
    return id >= 0 ? lines.t[id].trim() : "";
  }
  async function wholeStep() {
    const own = run(), main = own.main;
    const at = view.tab === "difference" && main ? main.after : view.step;
    const state = await own.state(at);
    return { name: own.states[at].i, text: state.l.map((id) => lines.t[id]).join("\n") + "\n" };
  }
  async function save() {
    if (!run().states.length) return;
    const { name, text } = await wholeStep();
    const link = el("a", { href: URL.createObjectURL(new Blob([text], { type: "text/plain" })), download: name.replace(/[^\w.-]+/g, "-") + ".ll" });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    say(`saved ${link.download}: the function as the page shows it, without debug info and metadata`);
  }
  function theme() {
    const root = document.documentElement, next = { "": "light", light: "dark", dark: "" }[root.dataset.theme || ""];
    if (next) root.dataset.theme = next; else delete root.dataset.theme;
    say(next || "as the system has it");
  }
  function verdict() {
    const found = document.querySelectorAll(".verdict")[view.run] || document.querySelector(".verdict");
    if (!found) { say("nothing was checked: irad check checks it"); return; }
    found.tabIndex = -1;
    found.focus();
    found.scrollIntoView({ block: "start" });
  }
  async function compared(which) {
    if (!tabs.compare) { say("the page holds one run: irad report --compare makes one with two"); return; }
    await go({ tab: "compare" });
    const button = panel.querySelector(`button[data-which="${which}"]`);
    if (button) button.click(); else say("the two runs do not part");
  }
  function flip(key) {
    const button = panel.querySelector(`button[data-key="${key}"]`);
    if (button) button.click();
  }
  function cycle(key) {
    const select = panel.querySelector(`select[data-key="${key}"]`);
    if (!select) return;
    select.selectedIndex = (select.selectedIndex + 1) % select.options.length;
    select.dispatchEvent(new Event("change"));
    say(select.options[select.selectedIndex].text);
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || help.open || commandBox.open) return;
    const target = event.target;
    if (target.matches("input[type=search], input[type=text], textarea, select")) {
      if (event.key === "Escape") target.blur();
      if (event.key === "Enter" && target.id === "query" && current && current.lists) current.lists[0].el.focus();
      return;
    }
    const isRange = target.matches("input[type=range]");
    const list = Listing.current && panel.contains(Listing.current.el) ? Listing.current : current && (current.code ? current.code.list : current.lists && current.lists[0]);
    const page = list ? Math.max(1, Math.floor(list.el.clientHeight / ROW) - 2) : 1;
    const line = (to) => { if (list) list.go(to, false); };
    const inStep = async (then) => { if (!stepper) await go({ tab: "steps" }); then(stepper); };
    const acts = {
      h: () => inStep((s) => s.by(-1)), l: () => inStep((s) => s.by(1)), "}": () => inStep((s) => s.real(1)), "{": () => inStep((s) => s.real(-1)),
      "<": () => inStep((s) => s.to(0)), ">": () => inStep((s) => s.to(run().states.length - 1)),
      j: () => line(list.cursor + 1), k: () => line(list.cursor - 1), g: () => line(0), G: () => line(1e9),
      "]": () => { if (!(current && current.code && current.code.hunk(1))) say("no further difference"); },
      "[": () => { if (!(current && current.code && current.code.hunk(-1))) say("no difference before"); },
      v: () => cycle("shape"), z: () => flip("folds"), a: () => flip("attributes"), b: () => flip("blame"),
      1: () => flip("roles"), 2: () => flip("types"), 3: () => flip("activity"), 4: () => flip("kept"), 5: () => flip("numbers"), C: () => flip("colours"), F: () => cycle("kinds"),
      f: () => { const input = panel.querySelector('[data-key="filter"]'); if (input) input.focus(); },
      m: () => inStep((s) => s.pin(view.pin === view.step ? undefined : view.step)),
      Escape: () => { if (stepper && view.pin !== undefined) stepper.pin(undefined); },
      "/": () => go({ tab: "search" }), n: () => seek(1), N: () => seek(-1),
      p: () => { if (pairing) pairing.partner(); else go({ tab: "pairs" }); }, s: () => { if (!run().sources.length) say("the Rust source is not here"); else if (panel.querySelector('[data-key="source"]')) cycle("source"); else say("Rust stands beside the primal"); },
      w: () => inStep((s) => s.list.el.focus()), M: () => compared("last"), "=": () => compared("parted"), c: verdict, t: theme, e: save,
      o: () => { const select = document.querySelector("nav select"); if (select) select.focus(); else say("the page holds one run: irad explore shows other functions"); },
      y: () => { const line = lineAt(); if (line) copy(line, "copied the line"); },
      Y: async () => { if (run().states.length) copy((await wholeStep()).text, "copied this step's IR"); },
      ":": () => { shownCommand.textContent = command(); commandBox.showModal(); },
      i: () => say(`debug info and metadata are not in this page: irad show ${run().request} --debug-info --metadata shows them`),
      d: () => say(`the page holds one function: irad explore ${run().request} goes into what it calls`),
      L: () => say(`irad locate ${run().request} looks for the line at which it goes wrong`),
      r: () => say("run it again with the command at the top of the page"),
      " ": () => line(list.cursor + page), "?": () => help.showModal(),
    };
    if (!isRange) Object.assign(acts, {
      ArrowLeft: acts.h, ArrowRight: acts.l, ArrowDown: acts.j, ArrowUp: acts.k, PageDown: () => line(list.cursor + page), PageUp: () => line(list.cursor - page), Home: acts.g, End: acts.G,
    });
    const act = acts[event.key];
    if (!act || (target.matches("button, summary, a") && event.key === " ")) return;
    if (event.key.startsWith("Arrow") && !panel.contains(target) && target !== document.body) return;
    event.preventDefault();
    act();
  });
  function seek(by) {
    if (!view.query) say("nothing was searched for: / searches");
    else if (!(current && current.code && current.code.search(by))) say(`${view.query} is not in what is shown; / finds it everywhere`);
  }

  // The step that a reader wants first: what Enzyme made, or the last that changed what the function does.
  function first(own) {
    if (own.points.derivative) return own.points.derivative;
    for (let at = own.states.length - 1; at > 0; at--) if (own.states[at].k === 2) return at;
    return 0;
  }

  async function begin() {
    const names = [...document.querySelectorAll("script[id^='data-run']")].map((block) => block.id.slice(5)).filter((id) => /^run\d+$/.test(id));
    const told = await Promise.all([unpack("lines"), ...names.map(unpack)]);
    lines = told[0];
    runs = told.slice(1).map((about, at) => new Run(at, about));
    tab("difference", "Difference", difference);
    tab("pairs", "Pairs", pairs);
    tab("steps", "Steps", steps);
    tab("search", "Search", search);
    if (document.getElementById("data-compare")) tab("compare", "Compare", compare);
    const main = document.getElementById("main");
    const choice = runs.length > 1 ? el("select", { onchange: () => go({ run: Number(choice.value), step: first(runs[Number(choice.value)]), line: undefined, pair: 0, pin: undefined }) }, ...runs.map((own, at) => el("option", { value: at }, own.what))) : null;
    const keys = el("button", { type: "button", class: "keys", onclick: () => help.showModal() }, "Keys");
    document.getElementById("static").remove();
    main.append(el("nav", { "aria-label": "Views" }, strip, choice ? el("label", null, "run ", choice) : null, keys), panel, help, commandBox);
    document.body.append(el("footer", null, said));
    view.step = first(runs[0]);
    if (runs[0].failure.length) view.tab = "steps";
    if (location.hash.length > 1) await restore();
    else await go({});
    document.documentElement.dataset.ready = "true";
  }
  window.addEventListener("hashchange", () => { if (location.hash !== own_hash) restore(); });
  begin().catch((error) => {
    const note = el("p", { class: "failure", role: "alert" }, "This page could not be drawn in full: " + error.message);
    document.getElementById("main").prepend(note);
    throw error;
  });
})();
