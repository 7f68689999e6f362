// usage: node tests/tools/page.mjs DIR [OPTION...]
//   --shots PREFIX   leaves PREFIX-{light,dark}-{desktop,phone}.png of index.html
//   --open SELECTOR  clicks this first (in the pictures and for axe)
//   --paper          prints index.html on A4: how many sheets, and how many its content would fill without a gap
//   --no-axe         leaves axe out
// Serves DIR as Jenkins' HTML Publisher does, opens every page of it in headless Chromium, and prints one line for each
// violation of the policy, error of the console, finding of axe-core, dead link and anchor. Exit 0: none; 1: some;
// 77: no browser here. Last line: "pages N links N violations N axe N dead N open_ms N".
import { createServer } from "node:http";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, normalize } from "node:path";
import { chromium } from "playwright-core";

const policy = "sandbox allow-same-origin; default-src 'none'; img-src 'self'; style-src 'self'";
const types = { html: "text/html; charset=utf-8", css: "text/css", svg: "image/svg+xml", txt: "text/plain; charset=utf-8" };

const [dir, ...rest] = process.argv.slice(2);
const option = (name) => (rest.includes(name) ? rest[rest.indexOf(name) + 1] : undefined);
const browserPath = process.env.CHROMIUM ?? ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
if (browserPath === undefined) {
    console.error("no Chromium here");
    process.exit(77);
}

// The whole site, with the policy under /strict/ and without it, for axe's own script, under /open/.
const server = createServer((request, response) => {
    const [, mode, ...path] = decodeURIComponent(request.url.split(/[?#]/)[0]).split("/");
    const file = join(dir, normalize("/" + path.join("/")));
    if (mode === "favicon.ico") {
        response.writeHead(204).end(); // browsers ask for it by themselves
        return;
    }
    if (!existsSync(file) || !statSync(file).isFile()) {
        response.writeHead(404).end();
        return;
    }
    const headers = { "Content-Type": types[file.split(".").pop()] ?? "application/octet-stream" };
    if (mode === "strict") {
        headers["Content-Security-Policy"] = policy;
    }
    response.writeHead(200, headers).end(readFileSync(file));
});
await new Promise((done) => server.listen(0, "127.0.0.1", done));
const origin = `http://127.0.0.1:${server.address().port}`;

const found = { violations: 0, axe: 0, dead: 0 };
const tell = (kind, text) => {
    found[kind]++;
    console.log(`${kind}: ${text}`);
};

const browser = await chromium.launch({
    executablePath: browserPath,
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
});

// Opens one document under the policy and lists what Chromium has to say against it.
async function openStrictly(context, name) {
    const page = await context.newPage();
    const cdp = await context.newCDPSession(page);
    const where = `${name}: `;
    page.on("console", (message) => message.type() === "error" && tell("violations", where + message.text()));
    page.on("pageerror", (error) => tell("violations", where + error.message));
    page.on("requestfailed", (request) => tell("dead", `${where}${request.url()} ${request.failure().errorText}`));
    page.on("response", (response) => response.status() >= 400 && tell("dead", where + response.url()));
    page.on("request", (request) => request.url().startsWith(origin) || tell("violations", where + request.url()));
    cdp.on("Audits.issueAdded", ({ issue }) => tell("violations", `${where}${issue.code} ${JSON.stringify(issue.details)}`));
    await cdp.send("Audits.enable");
    const start = performance.now();
    await page.goto(`${origin}/strict/${name}`, { waitUntil: "load" });
    const ms = Math.round(performance.now() - start);
    await page.close();
    return ms;
}

async function checkLinks(page, name, anchors) {
    const links = await page.$$eval("[href], [src], [srcset]", (nodes) =>
        nodes.flatMap((node) => ["href", "src", "srcset"].filter((a) => node.hasAttribute(a)).map((a) => node.getAttribute(a))));
    anchors.set(name, new Set(await page.$$eval("[id]", (nodes) => nodes.map((node) => node.id))));
    return links.map((link) => ({ name, link }));
}

function checkTargets(links, anchors) {
    for (const { name, link } of links) {
        const [file, anchor] = link.split("#");
        const target = file === "" ? name : decodeURIComponent(file);
        if (/^[a-z]+:|^\/|\.\./i.test(link) || !existsSync(join(dir, target))) {
            tell("dead", `${name}: ${link}`);
        } else if (anchor !== undefined && !anchors.get(target)?.has(anchor)) {
            tell("dead", `${name}: ${link}: no such anchor`);
        }
    }
}

async function runAxe(page, name) {
    await page.addScriptTag({ path: new URL("node_modules/axe-core/axe.min.js", import.meta.url).pathname });
    const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
    for (const violation of violations) {
        tell("axe", `${name}: ${violation.id} (${violation.impact}): ${violation.help}: ${violation.nodes.slice(0, 3).map((n) => n.html.slice(0, 120)).join(" | ")}`);
    }
}

const pages = readdirSync(dir).filter((name) => name.endsWith(".html"));
const pictures = readdirSync(dir).filter((name) => name.endsWith(".svg"));
const anchors = new Map();
const links = [];
const strict = await browser.newContext();
let openMs = 0;
for (const name of [...pages, ...pictures]) {
    const ms = await openStrictly(strict, name);
    openMs = name === "index.html" ? ms : openMs;
}
for (const colorScheme of rest.includes("--no-axe") ? ["light"] : ["light", "dark"]) {
    const context = await browser.newContext({ colorScheme, bypassCSP: true });
    for (const name of pages) {
        const page = await context.newPage();
        await page.goto(`${origin}/open/${name}`);
        if (option("--open") !== undefined && name === "index.html") {
            await page.locator(option("--open")).first().click();
        }
        if (!rest.includes("--no-axe")) {
            await runAxe(page, `${name} (${colorScheme})`);
        }
        if (colorScheme === "light") {
            links.push(...(await checkLinks(page, name, anchors)));
        }
        await page.close();
    }
    await context.close();
}
checkTargets(links, anchors);

if (option("--shots") !== undefined) {
    for (const colorScheme of ["light", "dark"]) {
        for (const [size, width] of [["desktop", 1280], ["phone", 390]]) {
            const context = await browser.newContext({ colorScheme, viewport: { width, height: 900 } });
            const page = await context.newPage();
            await page.goto(`${origin}/open/index.html`);
            if (option("--open") !== undefined) {
                await page.locator(option("--open")).first().click();
            }
            await page.screenshot({ path: `${option("--shots")}-${colorScheme}-${size}.png`, fullPage: true });
            await context.close();
        }
    }
}
if (rest.includes("--paper")) {
    const mm = 96 / 25.4;
    const context = await browser.newContext({ viewport: { width: Math.round((210 - 24) * mm), height: 900 } });
    const page = await context.newPage();
    await page.goto(`${origin}/strict/index.html`);
    const pdf = await page.pdf({ format: "A4", preferCSSPageSize: true, printBackground: true });
    await page.emulateMedia({ media: "print" });
    const height = await page.evaluate(() => document.documentElement.scrollHeight);
    const sheets = pdf.toString("latin1").match(/\/Type\s*\/Page\b/g).length;
    console.log(`sheets ${sheets} full ${Math.ceil(height / ((297 - 24) * mm))}`);
    await context.close();
}
await browser.close();
server.close();
console.log(`pages ${pages.length} links ${links.length} violations ${found.violations} axe ${found.axe} dead ${found.dead} open_ms ${openMs}`);
process.exit(found.violations + found.axe + found.dead > 0 ? 1 : 0);
