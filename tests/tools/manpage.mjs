// usage: node tests/tools/manpage.mjs CPDFLOW > src/cpdflow.1
// The manual page: its commands, options and exit codes are what `CPDFLOW COMMAND --help` says, so
// that they never differ; the text around them stands here.
import { execFileSync } from "node:child_process";

const program = process.argv[2];
const help = (...args) => execFileSync(program, [...args, "--help"], { encoding: "utf8" });
const lines = [];
const put = (...text) => lines.push(...text);

const escape = (text) => text.replace(/\\/g, "\\e").replace(/^([.'])/gm, "\\&$1").replace(/-/g, "\\-")
    .replace(/…/g, "...");
/* Each sentence begins a line, as mdoc wants it; what is indented or drawn stays as it is. */
const wrap = (sentence) => sentence.split(/ +/).reduce((done, word) => {
    const line = `${done.at(-1)} ${word}`;
    return line.length <= 72 && done.at(-1) !== "" ? [...done.slice(0, -1), line] : [...done, word].filter(Boolean);
}, [""]).map(escape).join("\n");
const sentences = (text) => /\n {2,}\S/.test(text)
    ? `.Bd -literal\n${escape(text.trimEnd())}\n.Ed`
    : text.trim().replace(/\s+/g, " ").split(/(?<=[A-Za-z)`\d][.?!]) (?=[A-Z`])/).map(wrap).join("\n");

const commands = [...help().matchAll(/^ {2}([a-z]+) +(.+)$/gm)].map(([, name, summary]) => ({ name, summary }));
const parse = ({ name, summary }) => {
    const [usage, ...rest] = help(name).split(/\n\n(?=\S)/);
    const section = (title) => rest.find((part) => part.startsWith(`${title}:\n`))?.slice(title.length + 2) ?? "";
    const details = rest.filter((part, i) => i > 0 && !/^(Options|Examples|Exit codes):\n/.test(part));
    const options = [];
    for (const line of section("Options").split("\n")) {
        const found = /^ {2}(-\S, | {4})(--\S+)(?: {2,}(.*))?$/.exec(line);
        if (found) {
            options.push({ short: found[1].trim().replace(",", ""), long: found[2], text: found[3] ? [found[3]] : [] });
        } else if (line.trim() && options.length > 0) {
            options.at(-1).text.push(line.trim());
        }
    }
    const operands = usage.replace(/^usage: cpdflow \S+ \[options\] ?/, "").split("\n")[0];
    return { name, summary, operands, options, details, examples: section("Examples"), exits: section("Exit codes") };
};

const writeOption = ({ short, long, text }) => {
    const [name, ...value] = long.split("=");
    const argument = value.join("=");
    put(`.It ${short ? `Fl ${escape(short.slice(1))} , ` : ""}Fl \\-${escape(name.slice(2))}` +
        `${argument ? ` Ns = Ns Ar ${escape(argument).replace(/ /g, "\\ ")}` : ""}`);
    put(sentences(text.join("\n")) || "No more is to be said.");
};

const writeCommand = (command) => {
    put(`.Ss ${command.name}${command.operands ? ` ${escape(command.operands)}\\&` : ""}`);
    put(`${sentences(command.summary[0].toUpperCase() + command.summary.slice(1))}.`);
    for (const part of command.details.map(sentences)) put(...(part.startsWith(".Bd") ? [] : [".Pp"]), part);
    const options = command.options.filter((o) => o.long !== "--help");
    if (options.length > 0) {
        put(".Bl -tag -width Ds");
        options.forEach(writeOption);
        put(".El");
    }
    if (command.examples) put(".Bd -literal -offset indent", escape(command.examples.trimEnd().replace(/^ {2}/gm, "")), ".Ed");
};

put(`.Dd January 1, 2026`, `.Dt CPDFLOW 1`, `.Os`, `.Sh NAME`, `.Nm cpdflow`, `.Nd run declarative recipes of cpdctl calls`);
put(".Sh SYNOPSIS", ".Nm", ".Ar command", ".Op Ar options", ".Op Ar operands");
put(".Sh DESCRIPTION", ".Nm",
    "runs recipes: YAML files that say what to do with cpdctl, the command line",
    "of IBM Cloud Pak for Data, in which order, what to wait for and what must",
    "hold.",
    "It supervises the processes that it starts, understands what they write,",
    "repeats what may be repeated, and leaves a report.",
    "The language is described in",
    ".Pa recipes/README.md .");
put(".Pp", "Every command explains itself with", ".Fl \\-help .");
put(".Sh COMMANDS");
const parsed = commands.map(parse);
parsed.forEach(writeCommand);
put(".Sh ENVIRONMENT", ".Bl -tag -width Ds",
    ".It Ev CPDFLOW_CONFIG", "The file with defaults of options; none when it is empty.",
    ".It Ev CPDFLOW_STATE_DIR , CPDFLOW_COLOR", "Defaults of these options, for every command that has them.",
    ".It Ev CPDFLOW_COMMAND_OPTION", "The default of one option of one command, such as", ".Ev CPDFLOW_RUN_REPORT .",
    ".It Ev NO_COLOR , CLICOLOR_FORCE", "No colours, or colours always.",
    ".It Ev CPD_CONFIG , CPD_PROFILE", "Where cpdctl finds its configuration and profile.", ".El");
put(".Sh FILES", ".Bl -tag -width Ds",
    ".It Pa .cpdflow/runs/ID", "One run: its journal, report, logs and values.",
    ".It Pa .cpdflow.yaml , ~/.config/cpdflow/config.yaml", "Defaults of options, of the project and of the person.", ".El");
put(".Sh EXIT STATUS", "Of", ".Ic run :", ".Bl -tag -width Ds");
for (const line of parsed.find((c) => c.name === "run").exits.trim().split("\n")) {
    const [, code, text] = /^ *([\d, ]+?) {2,}(.*)$/.exec(line);
    put(`.It ${escape(code).replace(/ /g, "\\ ")}`, sentences(text[0].toUpperCase() + text.slice(1)));
}
put(".El", "Other commands use the same numbers; their", ".Fl \\-help", "says which.");
console.log(lines.join("\n"));
