// Uses pages as a person does, in a real browser. Each check prints a line: `ok NAME`, or `failed NAME: why`.
// node browser.cjs FOLDER-OF-MODULES PAGES.json
"use strict";
const fs = require("fs");
const os = require("os");
const path = require("path");
const { createRequire } = require("module");
const [modules, list] = process.argv.slice(2);
const need = createRequire(path.join(path.resolve(modules), "node_modules", "x.js"));
const { chromium } = need("playwright-core");
const axe = fs.readFileSync(need.resolve("axe-core/axe.min.js"), "utf8");
const pages = JSON.parse(fs.readFileSync(list, "utf8"));
const shots = process.env.IRAD_SHOTS;

const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync"];
let browser, failures = 0;

function equal(found, wanted, what) {
  if (JSON.stringify(found) !== JSON.stringify(wanted)) throw new Error(`${what}: ${JSON.stringify(found)}, not ${JSON.stringify(wanted)}`);
}
function holds(is, what) { if (!is) throw new Error(what); }

async function check(name, then) {
  try { await then(); console.log("ok " + name); }
  catch (error) { failures++; console.log(`failed ${name}: ${String(error.message || error).split("\n").slice(0, 6).join(" | ")}`); }
}

// A page, and everything that goes wrong in it.
async function open(file, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const wrong = [], asked = [];
  page.on("console", (said) => { if (said.type() === "error" || said.type() === "warning") wrong.push(said.text()); });
  page.on("pageerror", (error) => wrong.push(String(error)));
  page.on("dialog", (dialog) => { wrong.push("a dialog: " + dialog.message()); dialog.dismiss(); });
  page.on("request", (request) => asked.push(request.url()));
  const at = "file://" + pages[file] + (options.hash || "");
  await page.goto(at);
  if (options.javaScriptEnabled !== false) await page.waitForSelector("html[data-ready]", { timeout: 30000 });
  return { context, page, wrong, asked, async done() {
    await context.close();
    equal(wrong, [], "the console");
    equal(asked.filter((url) => url !== at && url.split("#")[0] !== at.split("#")[0]), [], "requests");
  } };
}
const hash = (page) => page.evaluate(() => decodeURIComponent(location.hash));
const text = (page, selector) => page.locator(selector).first().innerText();
const rows = (page) => page.locator(".row, .l").count();
async function settled(page) { await page.waitForTimeout(80); }

const VIEWS = ["difference", "pairs", "steps", "search"];
async function to(page, view) {
  await page.locator("#tab-" + view).click();
  await page.waitForSelector(`#tab-${view}[aria-selected=true]`);
  await settled(page);
}

async function all() {
  await check("it opens, and shows the difference", async () => {
    const { page, done } = await open("model");
    holds((await text(page, "h1")).includes("predict"), "the title names the function");
    holds((await text(page, ".signature")).includes("reverse"), "the signature");
    holds((await text(page, ".verdict")).includes("right at"), "the verdict");
    holds((await page.locator(".row.add").count()) > 5, "lines are new");
    holds((await page.locator("#static").count()) === 0, "what stands there without a script is gone");
    await done();
  });
  await check("keys step, as in the explorer", async () => {
    const { page, done } = await open("model");
    await page.keyboard.press("w"); await settled(page);
    holds((await hash(page)).includes("step=enzyme/derivative"), await hash(page));
    await page.keyboard.press(">"); await settled(page);
    const last = await hash(page);
    holds(last.includes("view=steps"), last);
    await page.keyboard.press("<"); await settled(page);
    holds((await hash(page)).includes("step=input"), await hash(page));
    await page.keyboard.press("l"); await settled(page);
    const first = await hash(page);
    holds(!first.includes("step=input"), first);
    await page.keyboard.press("ArrowRight"); await settled(page);
    holds((await hash(page)) !== first, "another step");
    await page.keyboard.press("h"); await settled(page);
    equal((await hash(page)).split("&line")[0], first.split("&line")[0], "back again");
    await page.keyboard.press(">"); await settled(page);
    equal((await hash(page)).split("&line")[0], last.split("&line")[0], "the last step");
    await page.keyboard.press("}"); await settled(page);
    holds((await text(page, "#said")).length > 0, "nothing further is said to be there");
    const before = await page.locator(".stepscode .row.cursor").getAttribute("data-at");
    await page.keyboard.press("j"); await settled(page);
    holds(before !== await page.locator(".stepscode .row.cursor").getAttribute("data-at"), "the cursor moves");
    await page.keyboard.press("v"); await settled(page);
    holds((await page.locator(".row.split").count()) > 0, "side by side");
    await page.keyboard.press("b"); await settled(page);
    holds((await page.locator(".row .by").count()) > 0, "blame");
    await page.keyboard.press("?"); await settled(page);
    holds(await page.locator("dialog[open]").isVisible(), "the keys");
    await page.keyboard.press("Escape");
    await done();
  });
  await check("keys show what the explorer's show", async () => {
    const { page, done } = await open("model", { permissions: ["clipboard-read", "clipboard-write"] });
    const press = async (key) => { await page.keyboard.press(key); await settled(page); };
    const copied = () => page.evaluate(() => navigator.clipboard.readText());
    await press("s");
    const above = page.locator(".row.src");
    holds((await above.count()) > 0 && (await page.locator(".row.add").count()) > 5, "Rust above what it became");
    holds((await above.allInnerTexts()).join().includes("*"), "with its text");
    await press("s");
    holds((await page.locator(".row.add").count()) === 0, "Rust alone");
    holds((await page.locator(".row.src .tc").allInnerTexts()).join().includes("adjoint"), "with what it became");
    await press("s");
    equal(await above.count(), 0, "no Rust");
    for (const [key, cells] of [["2", ".ty"], ["3", ".role"], ["4", ".kept"]]) {
      await press(key);
      holds((await page.locator(`.row ${cells}`).allInnerTexts()).join("").trim().length > 0, `key ${key}`);
    }
    const colour = () => page.evaluate(() => getComputedStyle(document.querySelector(".row .role3").parentElement.querySelector(".text span") || document.body).color);
    await press("G");
    const before = await colour();
    await press("C");
    holds(await page.locator(".by.role3").count(), "colours of roles");
    holds(before !== await colour(), "an adjoint line has another colour");
    await press("y");
    equal(await copied(), (await page.locator(".row.cursor .text").innerText()).trim(), "the line");
    await press("Y");
    holds((await copied()).startsWith("define") && (await copied()).endsWith("}\n"), "the function");
    await press(":");
    const words = await page.locator("dialog[open] code").innerText();
    holds(words.startsWith("irad diff debuginfo.ll --fn ") && words.includes("--mode reverse"), words);
    await page.keyboard.press("Escape");
    await press("w");
    await press(":");
    holds((await page.locator("dialog[open] code").innerText()).includes("--step 'enzyme/derivative/"), "the step");
    await page.keyboard.press("Escape");
    const saved = page.waitForEvent("download");
    await press("e");
    holds((await saved).suggestedFilename().endsWith(".ll"), "a file");
    holds(fs.readFileSync(await (await saved).path(), "utf8").startsWith("define"), "with the IR");
    await press("c");
    holds((await page.evaluate(() => document.activeElement.className)).includes("verdict"), "the verdict");
    const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    const seen = [await ground()];
    await press("t"); await press("t");
    seen.push(await ground());
    holds(seen[0] !== seen[1], `dark: ${seen}`);
    await press("t");
    equal(await ground(), seen[0], "as the system has it");
    for (const [key, wanted] of [["d", "irad explore debuginfo.ll"], ["L", "irad locate debuginfo.ll"], ["i", "irad show debuginfo.ll"], ["M", "one run"], ["=", "one run"], ["o", "one run"], ["r", "at the top"]]) {
      await press(key);
      holds((await text(page, "#said")).includes(wanted), `${key}: ${await text(page, "#said")}`);
    }
    await page.locator(".tabs.small button").nth(1).click(); await settled(page);
    equal(await page.locator(".stepslist .row.stage").count(), 1, "one stage");
    await done();
  });
  await check("a pinned step is what every other is compared with", async () => {
    let { page, done } = await open("model", { hash: "#step=prepare" });
    const sides = async () => [await page.locator(".stepscode .row.add").count(), await page.locator(".stepscode .row.del").count()];
    await page.keyboard.press("<"); await settled(page);
    await page.keyboard.press("m"); await settled(page);
    holds((await text(page, "#said")).startsWith("pinned input"), await text(page, "#said"));
    await page.keyboard.press(">"); await page.waitForTimeout(200);
    holds((await hash(page)).includes("pin=input"), await hash(page));
    holds((await text(page, ".what")).includes("against input"), await text(page, ".what"));
    const there = await sides();
    holds(there[0] > 3 && there[1] > 3, `lines of both: ${there}`);
    const address = await hash(page);
    // The other way round what was added is removed.
    await page.keyboard.press("Escape"); await settled(page);
    holds(!(await hash(page)).includes("pin="), await hash(page));
    await page.keyboard.press("m"); await settled(page);
    await page.keyboard.press("<"); await page.waitForTimeout(200);
    const back = await sides();
    holds(back[0] > 3 && back[1] > 3, `lines of both, back: ${back}`);
    await page.keyboard.press("j"); await settled(page);
    holds((await text(page, ".facts")).includes("made by"), "what is known of the line");
    await done();
    ({ page, done } = await open("model", { hash: address }));
    await page.waitForTimeout(200);
    equal(await sides(), there, "the address restores it");
    await done();
    ({ page, done } = await open("model", { hash: "#step=input&pin=nowhere" }));
    holds((await text(page, "#said")).includes("there is no step nowhere"), await text(page, "#said"));
    await done();
  });
  await check("paper has every line, and not the cursor", async () => {
    const { page, done } = await open("model", { viewport: { width: 800, height: 300 } });
    const wanted = async () => Number(await page.locator(".row").first().getAttribute("aria-setsize"));
    const before = await rows(page);
    await page.emulateMedia({ media: "print" }); await page.waitForTimeout(300);
    equal(await page.locator(".row[data-at]").count(), Math.min(480, await wanted()), "rows");
    holds(await rows(page) > before, "more than the screen shows");
    holds(!await page.locator(".facts").isVisible(), "nothing about the line at the cursor");
    holds(await page.locator(".bar .what").isVisible() && !await page.locator(".bar select").first().isVisible(), "a title and no controls");
    await page.emulateMedia({ media: "screen" }); await page.waitForTimeout(300);
    holds(await rows(page) <= before + 2, "the screen's rows again");
    await done();
  });
  await check("a chart is clicked", async () => {
    const { page, done } = await open("model", { hash: "#step=input" });
    const box = await page.locator(".chart svg").boundingBox();
    await page.mouse.click(box.x + box.width - 3, box.y + box.height / 2); await settled(page);
    holds(!(await hash(page)).includes("step=input"), "another step");
    await done();
  });
  await check("search finds what is drawn nowhere, and leads there", async () => {
    const { page, done } = await open("model");
    await page.keyboard.press("/"); await settled(page);
    await page.keyboard.type("fmul"); await settled(page);
    holds((await page.locator(".results .row mark").count()) > 0, "results");
    await page.keyboard.press("Enter"); await page.keyboard.press("Enter"); await page.waitForTimeout(200);
    holds((await hash(page)).includes("view=steps"), await hash(page));
    await page.waitForSelector(".stepscode .row.cursor");
    holds((await text(page, ".stepscode .row.cursor")).includes("fmul"), "the line itself");
    await page.keyboard.press("n"); await settled(page);
    await done();
  });
  await check("a link leads to the step that made a line", async () => {
    const { page, done } = await open("model", { hash: "#view=steps" });
    await page.waitForSelector(".facts a");
    const wanted = await text(page, ".facts a");
    await page.locator(".facts a").first().click(); await page.waitForTimeout(150);
    holds((await text(page, ".what")).includes(wanted), `${await text(page, ".what")}, not ${wanted}`);
    await done();
  });
  await check("from the source to the adjoint and back", async () => {
    const { page, done } = await open("model");
    await page.keyboard.press("p"); await settled(page);
    const source = page.locator(".listing[aria-label='Rust source'] .row", { hasText: "*" }).first();
    await source.click(); await page.waitForTimeout(150);
    const lit = page.locator(".listing[aria-label='The derivative'] .row.lit .role3");
    holds((await lit.count()) > 0, "adjoint lines are lit");
    await lit.first().click(); await page.waitForTimeout(150);
    holds((await page.locator(".listing[aria-label='Rust source'] .row.lit").count()) > 0, "the source is lit");
    holds((await page.locator(".listing[aria-label='The primal'] .row.lit").count()) > 0, "the primal is lit");
    holds((await text(page, ".facts")).includes("adjoint"), "what it is there for");
    holds((await hash(page)).includes("pair="), "the address names the pair");
    await page.locator(".listing[aria-label='The primal'] .row", { hasText: "fmul" }).first().hover(); await settled(page);
    holds((await page.locator(".listing[aria-label='The derivative'] .row.lit").count()) > 0, "hovering lights up");
    await page.keyboard.press("p"); await settled(page);
    holds((await page.evaluate(() => document.activeElement.className)).includes("listing"), "p goes to the partner");
    await done();
  });
  await check("an address restores a view, and what is unknown is reported", async () => {
    let { page, done } = await open("model", { hash: "#pair=2" });
    holds(await page.locator("#tab-pairs[aria-selected=true]").count(), "pairs");
    equal(await text(page, ".listing[aria-label='The primal'] .row.cursor .of"), "2", "the pair");
    await done();
    ({ page, done } = await open("model", { hash: "#step=no/such&line=99999&pair=0&x=1" }));
    const said = await text(page, "#said");
    for (const word of ["no step no/such", "no line 99999", "no pair 0", "x"]) holds(said.includes(word), said);
    await done();
    ({ page, done } = await open("model", { hash: "#step=enzyme/derivative&line=3" }));
    holds((await hash(page)).includes("line=3"), await hash(page));
    await done();
  });
  await check("a refusal has all steps until then", async () => {
    const { page, done } = await open("refused");
    holds(await page.locator(".failure pre").isVisible(), "why it ended");
    holds((await page.locator(".stepslist .row").count()) > 0, "steps");
    await done();
  });
  await check("hostile names are inert", async () => {
    for (const view of VIEWS) {
      const { page, done } = await open("hostile", { hash: "#view=" + view });
      equal(await page.evaluate(() => window.pwned), undefined, "nothing ran");
      equal(await page.locator("main img, header img, iframe, object").count(), 0, "no element came of a name");
      const shown = await page.evaluate(() => document.title + document.body.innerText);
      holds(!/[\u202a-\u202e\u2066-\u2069]/.test(shown), "no mark turns the direction of text");
      await done();
    }
  });
  await check("two runs beside each other", async () => {
    const { page, done } = await open("compare");
    await to(page, "compare");
    holds((await page.locator(".row.add, .row.del").count()) > 0, "they differ");
    for (const key of ["M", "="]) {
      await to(page, "difference");
      await page.keyboard.press(key); await settled(page);
      holds((await page.locator(".row.add, .row.del").count()) > 0, `key ${key}`);
    }
    await page.keyboard.press("o");
    equal(await page.evaluate(() => document.activeElement.tagName), "SELECT", "another run");
    await page.locator("nav select").selectOption("1"); await settled(page);
    await done();
  });
  await check("without a script there are verdict, warnings and the difference", async () => {
    const { page, context } = await open("model", { javaScriptEnabled: false });
    holds((await page.locator(".verdict").innerText()).includes("right"), "the verdict");
    holds((await page.locator("#static .l.add").count()) > 5, "the difference");
    holds(await page.locator("noscript").count(), "what is missing is said");
    if (shots) await page.screenshot({ path: path.join(shots, "no-script.png") });
    await context.close();
  });
  for (const scheme of ["light", "dark"]) {
    await check(`accessible in ${scheme}`, async () => {
      for (const [file, views] of [["model", VIEWS], ["compare", ["compare"]], ["refused", ["steps"]]]) {
        const { page, done } = await open(file, { colorScheme: scheme, reducedMotion: "reduce" });
        await page.evaluate(axe);
        for (const view of views) {
          await to(page, view);
          if (view === "search") { await page.locator("#query").fill("fmul"); await settled(page); }
          const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
          const words = found.violations.map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => node.target.join(" ") + " " + (node.any[0] ? node.any[0].message : "")).join("; ")}`);
          equal(words, [], `${file}, ${view}`);
        }
        await done();
      }
    });
  }
  await check("it fits 400 pixels", async () => {
    const { page, done } = await open("model", { viewport: { width: 400, height: 800 } });
    for (const view of VIEWS) {
      await to(page, view);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      holds(wide <= 400, `${view} is ${wide} wide`);
    }
    await done();
  });
  if (pages.large) await check("ten thousand steps", async () => {
    const begun = Date.now();
    const { page, done } = await open("large");
    const opened = Date.now() - begun;
    await page.keyboard.press("w"); await settled(page);
    let most = 0;
    const times = [];
    for (let n = 0; n < 12; n++) {
      const time = await page.evaluate(async (key) => {
        const title = document.querySelector(".what"), before = title.textContent, from = performance.now();
        document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
        while (title.textContent === before && performance.now() < from + 5000) await new Promise((then) => requestAnimationFrame(then));
        return performance.now() - from;
      }, n % 4 === 0 ? "<" : n % 4 === 1 ? "l" : n % 4 === 2 ? ">" : "h").catch(() => NaN);
      times.push(Math.round(time));
      most = Math.max(most, await rows(page));
    }
    const worst = times.slice().sort((a, b) => a - b)[Math.floor(times.length / 2)];
    console.log(`note: ten thousand steps: open in ${opened} ms, a step in ${worst} ms (${times.join(" ")}), ${most} rows`);
    holds(most <= 500, `${most} rows are in the document`);
    // On a busy machine much takes longer than it should: this finds what takes ten times as long.
    holds(opened < 10000, `it took ${opened} ms to open`);
    holds(worst < 500, `a step took ${worst} ms`);
    await done();
  });
  if (shots) for (const scheme of ["light", "dark"]) for (const [name, width, height] of [["wide", 1280, 900], ["narrow", 400, 850]]) {
    for (const [file, views] of [["model", VIEWS], ["wrong", ["difference", "pairs"]], ["compare", ["compare"]], ["refused", ["steps"]]]) {
      const { page, context } = await open(file, { colorScheme: scheme, viewport: { width, height } });
      for (const view of views) {
        await to(page, view);
        if (view === "search") { await page.locator("#query").fill("fmul"); await settled(page); }
        if (view === "steps" && name === "wide") { await page.keyboard.press("v"); await settled(page); }
        await page.screenshot({ path: path.join(shots, `${file}-${view}-${name}-${scheme}.png`), fullPage: true });
        if (view === "steps" && name === "wide") { for (let n = 0; n < 3; n++) await page.keyboard.press("v"); }
      }
      await context.close();
    }
  }
}

(async () => {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), "irad-browser-"));
  browser = await chromium.launch({ executablePath: process.env.IRAD_CHROMIUM || "/usr/bin/chromium", headless: true, args: flags, env: { ...process.env, HOME: home } });
  try { await all(); } finally { await browser.close(); fs.rmSync(home, { recursive: true, force: true }); }
  console.log("done");
  process.exitCode = failures ? 1 : 0;
})();
