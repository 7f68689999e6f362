// usage: node tests/tools/lsp.mjs FILE... [--complete FILE:LINE:COL] [--hover FILE:LINE:COL]
// What npm's yaml-language-server, over its standard streams as an editor speaks to it, says of files that are opened:
// each diagnostic as "FILE:LINE:COL: message", the labels that it offers at a place, one a line, the text that it shows at
// a place. Lines and columns count from one. Exit 0 when it answered, whatever it said; 77: it is not installed.
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const serverPath = fileURLToPath(new URL("node_modules/yaml-language-server/bin/yaml-language-server", import.meta.url));
if (!existsSync(serverPath)) {
    console.error("npm's yaml-language-server is not installed");
    process.exit(77);
}
const files = [];
const places = [];
for (let words = process.argv.slice(2); words.length > 0; ) {
    const word = words.shift();
    if (word === "--complete" || word === "--hover") {
        const [, file, line, col] = words.shift().match(/^(.*):(\d+):(\d+)$/);
        places.push({ how: word.slice(2), file, position: { line: line - 1, character: col - 1 } });
    } else {
        files.push(word);
    }
}

// Only what the recipes say themselves: no list of schemas from the network.
const settings = { validate: true, hover: true, completion: true, schemaStore: { enable: false } };

const server = spawn(process.execPath, [serverPath, "--stdio"], { stdio: ["pipe", "pipe", "inherit"] });
const waiting = new Map(); // by id: what is done with the answer
const diagnosed = new Map(); // by URI: what is done with the diagnostics
let lastId = 0;

function send(message) {
    const body = Buffer.from(JSON.stringify({ jsonrpc: "2.0", ...message }));
    server.stdin.write(`Content-Length: ${body.length}\r\n\r\n`);
    server.stdin.write(body);
}

function ask(method, params) {
    return new Promise((done, failed) => {
        waiting.set(++lastId, { done, failed });
        send({ id: lastId, method, params });
    });
}

function take(message) {
    if (message.method === "workspace/configuration") {
        send({ id: message.id, result: message.params.items.map((item) => (item.section === "yaml" ? settings : {})) });
    } else if (message.method === "textDocument/publishDiagnostics") {
        diagnosed.get(message.params.uri)?.(message.params.diagnostics);
    } else if (message.method !== undefined && message.id !== undefined) {
        send({ id: message.id, result: null });
    } else if (message.error !== undefined) {
        waiting.get(message.id)?.failed(new Error(message.error.message));
    } else {
        waiting.get(message.id)?.done(message.result);
    }
}

let received = Buffer.alloc(0);
server.stdout.on("data", (chunk) => {
    received = Buffer.concat([received, chunk]);
    for (;;) {
        const end = received.indexOf("\r\n\r\n");
        const length = end < 0 ? null : received.subarray(0, end).toString().match(/Content-Length: (\d+)/i);
        if (length === null || received.length < end + 4 + Number(length[1])) {
            return;
        }
        const body = received.subarray(end + 4, end + 4 + Number(length[1]));
        received = received.subarray(end + 4 + body.length);
        take(JSON.parse(body.toString()));
    }
});

const uriOf = (file) => pathToFileURL(resolve(file)).href;

// What editors do: open, and wait for the first diagnostics of this document.
function open(file) {
    return new Promise((done) => {
        diagnosed.set(uriOf(file), done);
        const textDocument = { uri: uriOf(file), languageId: "yaml", version: 1, text: readFileSync(file, "utf8") };
        send({ method: "textDocument/didOpen", params: { textDocument } });
    });
}

async function show({ how, file, position }) {
    const params = { textDocument: { uri: uriOf(file) }, position };
    if (how === "complete") {
        const { items } = await ask("textDocument/completion", params);
        items.forEach((item) => console.log(item.label));
    } else {
        const hover = await ask("textDocument/hover", params);
        console.log(hover?.contents?.value ?? "");
    }
}

const root = pathToFileURL(process.cwd()).href;
await ask("initialize", {
    processId: process.pid,
    rootUri: root,
    workspaceFolders: [{ uri: root, name: "here" }],
    capabilities: {
        workspace: { configuration: true },
        textDocument: { publishDiagnostics: {}, hover: { contentFormat: ["markdown"] }, completion: { completionItem: {} } },
    },
});
send({ method: "initialized", params: {} });
for (const file of new Set([...files, ...places.map((place) => place.file)])) {
    for (const { range, message } of await open(file)) {
        if (files.includes(file)) {
            console.log(`${file}:${range.start.line + 1}:${range.start.character + 1}: ${message}`);
        }
    }
}
for (const place of places) {
    await show(place);
}
await ask("shutdown");
send({ method: "exit" });
