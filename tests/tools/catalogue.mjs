// usage: node tests/tools/catalogue.mjs DIR > src/recipe/cpdctl.catalogue
// The facts about cpdctl's commands as one file in the catalogue format (recipes/README.md), made from
// the references under DIR/data/cpdctl and, for 0.4, from the calls in DIR/reference/seed-pipeline.txt.
// Only names, types and versions are taken. Same input, same bytes.
import { readFileSync, readdirSync } from "node:fs";

const dir = process.argv[2];
if (!dir) {
    console.error("usage: catalogue.mjs DIR");
    process.exit(2);
}
const read = (file) => readFileSync(`${dir}/${file}`, "utf8");
const json = (file) => JSON.parse(read(file));

// ---- versions: what a reference of some day describes is the release at or before it ----------------
const history = json("data/cpdctl/command-history.json");
const byDate = new Map(history.versions.map((v) => [v.date, v.tag_at_or_before.replace(/^v/, "")]));
const versions = [...new Set(byDate.values())];
const SEED = "0.4";
const FIRST = versions[0];
const NEWEST = versions.at(-1);
const order = (a, b) => {
    const [x, y] = [a, b].map((v) => v.split(".").map(Number));
    return x[0] - y[0] || (x[1] ?? 0) - (y[1] ?? 0) || (x[2] ?? 0) - (y[2] ?? 0);
};
const before = (version) => versions[versions.indexOf(version) - 1] ?? FIRST;

// ---- references, oldest first ------------------------------------------------------------------------
const snapshots = readdirSync(`${dir}/data/cpdctl/catalog-history`).sort()
    .map((file) => json(`data/cpdctl/catalog-history/${file}`));
snapshots.push(json("data/cpdctl/catalog.json"));
const isName = (flag) => /^--[a-z0-9][a-z0-9-]*$/.test(flag);

const typeOf = (type) => {
    if (/^(\[\]string|strings|stringSlice|stringToString)$/.test(type)) return "list";
    if (/^(bool|)$/.test(type)) return "bool";
    if (/^(int|int64|uint)$/.test(type)) return "int";
    if (/^float/.test(type)) return "num";
    if (type === "io.ReadCloser") return "file";
    if (/^(generic map|interface\{\}|json)$/.test(type) || /^[[\]]|^map\[|\[\]$/.test(type)) return "json";
    if (/^strfmt|^string|^YYYY/.test(type)) return "text";
    return /^[A-Z]\w*$/.test(type) ? "json" : "text";
};

// A flag that was ever a list may be repeated; otherwise the newest word counts, as long as it is one.
const settle = (types) => types.includes("list") ? "list" : types.at(-1);

const facts = new Map(); // command -> { flags: Map(name -> { types, required, short }) }
for (const snapshot of snapshots) {
    for (const [name, command] of Object.entries(snapshot.commands)) {
        const known = facts.get(name) ?? { flags: new Map(), usage: "" };
        facts.set(name, known);
        known.usage = command.usage ?? "";
        for (const flag of command.flags.filter((f) => isName(f.name))) {
            const seen = known.flags.get(flag.name) ?? { types: [], required: [], short: null };
            known.flags.set(flag.name, seen);
            seen.types.push(typeOf(flag.type));
            seen.required.push(flag.required);
            seen.short = flag.short ?? seen.short;
        }
    }
}
for (const [name, command] of Object.entries(history.commands)) {
    const known = facts.get(name) ?? { flags: new Map(), usage: "" };
    facts.set(name, known);
    for (const flag of Object.keys({ ...command.flags_added, ...command.flags_removed }).filter(isName)) {
        if (!known.flags.has(flag)) {
            known.flags.set(flag, { types: ["text"], required: [false], short: null });
        }
    }
}

// ---- what recordings show before a reference says it -------------------------------------------------
const recorded = new Map(); // "command" and "command --flag" -> version
const present = new Set(readdirSync(`${dir}/data/cpdctl/recordings`)); // the index names more than there is
for (const entry of json("data/cpdctl/recordings/index.json").filter((e) => present.has(e.file))) {
    const version = entry.cpdctl_version?.match(/^\d+\.\d+\.\d+$/)?.[0];
    if (!version || order(version, FIRST) < 0) continue;
    for (const record of json(`data/cpdctl/recordings/${entry.file}`)) {
        for (const { command } of record.commands ?? []) {
            const words = command.replace(/^.*?\bcpdctl /s, "").split(/\s+/);
            const end = words.findIndex((w) => !/^[a-z][a-z-]*$/.test(w));
            const name = words.slice(0, end < 0 ? words.length : end).join(" ");
            if (!recorded.has(name) || order(version, recorded.get(name)) < 0) recorded.set(name, version);
            for (const word of words.filter((w) => /^--[a-z-]+/.test(w))) {
                const key = `${name} ${word.match(/^--[a-z-]+/)[0]}`;
                if (!recorded.has(key) || order(version, recorded.get(key)) < 0) recorded.set(key, version);
            }
        }
    }
}
const atOrBefore = (version) => versions.filter((v) => order(v, version) <= 0).at(-1) ?? FIRST;

// ---- what a command does, by its last word -----------------------------------------------------------
const READING = /^(get|list|wait|search|find|version|current|logs|head|export-env)$|^(get|list)-/;
const READING_TOO = new Set(["connection discover", "connection discover-adhoc", "connection discover-data-asset",
    "job serving-name"]);
// `get-…` and `list-…` that do more than read, and those that write a local file.
const NOT_READING = new Set(["wx-ai prompt get-lock", "wx-ai prompt-session get-lock"]);
const isReading = (name) => !NOT_READING.has(name) &&
    (READING.test(name.split(" ").at(-1)) || READING_TOO.has(name) || name.startsWith("completion "));
const hasOutput = (name) => !/^(version|help)$|^completion |^config \w+ (set|unset|use|export)$/.test(name);

// ---- writing -----------------------------------------------------------------------------------------
const range = (since, until) => {
    if (since === null && until === null) return "";
    return `@${since ?? ""}${until === null ? "" : `-${until}`}`;
};

const requiredOf = (name, flags, flag) => {
    const { required } = flags.get(flag);
    const known = required.filter((r) => r !== null);
    if (known.length === 0 || known.some((r) => r === false)) return "";
    const other = flag.replace(/-id$/, "");
    const instead = other !== flag && flags.has(other) ? other.slice(2) : "";
    if (known.at(-1) === "one-of" && instead === "") return "";
    // A scope may come from --cpd-scope and from the environment: its absence is no error.
    if (/^--(space|project|catalog)-id$/.test(flag) && flags.has("--cpd-scope")) return "";
    return `!${instead}`;
};

const flagText = (name, command, entry, flag) => {
    const { types, short } = command.flags.get(flag);
    let since = byDate.get(entry.flags_added[flag]) ?? null;
    const shown = recorded.get(`${name} ${flag}`);
    if (since && shown && order(shown, since) < 0) since = atOrBefore(shown);
    // --async was used for years before a reference had it.
    if (since && (flag === "--async" || order(since, byDate.get(entry.first_date)) <= 0)) since = null;
    const removed = byDate.get(entry.flags_removed[flag]);
    const isBack = removed && since && order(since, removed) >= 0;
    const until = removed && !isBack ? before(removed) : null;
    const type = settle(types);
    return `${flag.slice(2)}${short ? `,${short.slice(1)}` : ""}${type === "text" ? "" : `:${type}`}` +
        `${requiredOf(name, command.flags, flag)}${range(since, until)}`;
};

const lines = [];
const wrap = (words) => {
    let line = " ";
    for (const word of words) {
        if (line.length + word.length + 1 > 118) {
            lines.push(line);
            line = " ";
        }
        line += ` ${word}`;
    }
    if (line !== " ") lines.push(line);
};

const words = (name) => name.split(" ");
const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
const writeCommand = (name, attributes, flags) => {
    lines.push(`${name}:${attributes.map((a) => ` ${a}`).join("")}`);
    wrap(flags);
};

const commands = new Map();
for (const [name, command] of facts) {
    if (name === "help") continue;
    const entry = history.commands[name];
    const documented = byDate.get(entry.first_date);
    const shown = recorded.get(words(name).slice(0, 4).join(" "));
    const since = shown && order(shown, documented) < 0 ? atOrBefore(shown) : documented;
    const until = entry.present_in_latest ? null : byDate.get(entry.last_date);
    const twin = [...words(name).slice(0, -1), "wait"].join(" ");
    const attributes = [];
    const when = range(since === FIRST ? null : since, until);
    attributes.push(when === "" ? `@${FIRST}` : since === FIRST ? `@${FIRST}${when.slice(1)}` : when);
    if (isReading(name)) attributes.push("reads");
    if (hasOutput(name)) attributes.push("output");
    if (command.flags.has("--async") && facts.has(twin)) attributes.push(`wait=${words(twin).join(".")}`);
    if (/^config (profile|user|service|context) (get|set|unset|use)$/.test(name)) attributes.push("names=1");
    const flags = [...command.flags.keys()].sort(compare).map((flag) => flagText(name, command, entry, flag));
    commands.set(name, { attributes, flags });
}

// ---- 0.4: only what the seed's pipeline calls --------------------------------------------------------
const seed = new Map();
const GROUPS = /^(config|spaces|projects|assets|environments|wml|wos)$/;
const addCall = (call) => {
    const text = call.split(/\s\|\s|\)\.trim|"\s*\)/)[0];
    const parts = text.trim().split(/\s+/);
    if (!GROUPS.test(parts[0])) return;
    const end = parts.findIndex((w) => !/^[a-z][a-z-]*$/.test(w));
    const path = parts.slice(0, Math.min(end < 0 ? parts.length : end, parts[0] === "config" ? 3 : 4));
    const flags = seed.get(path.join(" ")) ?? new Map();
    seed.set(path.join(" "), flags);
    for (const [, flag, value] of text.matchAll(/--([a-z][a-z_-]*)[= ]*(\S*)/g)) {
        const isJson = /^\\?['"]?\[?[`{](?!\})/.test(value) || flags.get(flag) === "json";
        if (flag !== "output") flags.set(flag, flag === "body" ? "file" : isJson ? "json" : "text");
    }
};
for (const line of read("reference/seed-pipeline.txt").split("\n")) {
    // What stands within $( ) is a call of its own and one word of the call around it.
    let rest = line;
    for (let inner; (inner = /\$\(([^()]*)\)/.exec(rest)) !== null;) {
        inner[1].split(/\bcpdctl /).slice(1).forEach(addCall);
        rest = rest.replace(inner[0], "WORD");
    }
    rest.split(/\bcpdctl /).slice(1).forEach(addCall);
}
for (const [name, flags] of seed) {
    const attributes = [`@${SEED}-${SEED}`];
    if (isReading(name)) attributes.push("reads");
    if (!/^config /.test(name)) attributes.push("output");
    if (/^config /.test(name)) attributes.push("names=1");
    commands.set(name, {
        attributes,
        flags: [...flags].sort((a, b) => compare(a[0], b[0])).map(([f, t]) => (t === "text" ? f : `${f}:${t}`)),
    });
}

const globals = snapshots.at(-1).global_flags.map((f) => ({ ...f, name: f.name.slice(2) }));
const perCommand = ["output", "jmes-query"];
const globalText = (f) => `${f.name}${f.short ? `,${f.short.slice(1)}` : ""}` +
    `${typeOf(f.type) === "text" ? "" : `:${typeOf(f.type)}`}`;

lines.push("catalogue 1", "program cpdctl");
lines.push(`versions ${[`${SEED}?`, ...versions].join(" ")}`);
lines.push(`flags ${globals.filter((f) => !perCommand.includes(f.name)).map(globalText).join(" ")} context q@${SEED}-${SEED}`);
lines.push(`output ${globals.filter((f) => perCommand.includes(f.name)).map(globalText).join(" ")} output-file quiet:bool verbose:bool`);
lines.push("plugins dsjob volumes");
for (const [from, to] of [["spaces", "space"], ["projects", "project"], ["assets", "asset"], ["environments", "environment"],
    ["wml models", "ml model"], ["wml deployments", "ml deployment"], ["wml", "ml"],
    ["config users", "config user"], ["config profiles", "config profile"], ["config contexts", "config profile"],
    ["config context", "config profile"], ["wos", ""]]) {
    lines.push(`now ${from}:${to === "" ? "" : ` ${to}`}`);
}
for (const name of [...commands.keys()].sort(compare)) {
    writeCommand(name, commands.get(name).attributes, commands.get(name).flags);
}
console.log(lines.join("\n"));
if (order(NEWEST, FIRST) <= 0) throw new Error("the versions are not in order");
