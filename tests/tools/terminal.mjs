// usage: tmux capture-pane -e -p | node tests/tools/terminal.mjs TITLE >picture.svg
// Draws a terminal's screen, colours and bold as captured by tmux, as an SVG that follows the reader's light or dark theme.
import { readFileSync } from "node:fs";

const lines = readFileSync(0, "utf8").replace(/\n+$/, "").split("\n");
const title = process.argv[2] ?? "";
const CELL = { width: 8.4, height: 18 };
const names = { 31: "red", 32: "green", 33: "yellow", 34: "blue", 35: "magenta", 36: "cyan" };

const escape = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;");

// A line as runs of text with one style each.
function* runs(line) {
    let style = { bold: false, dim: false, color: "" };
    let column = 0;
    for (const part of line.split(/(\x1b\[[0-9;]*m)/)) {
        const sgr = /^\x1b\[([0-9;]*)m$/.exec(part);
        if (!sgr) {
            if (part !== "") {
                yield { text: part, column, ...style };
            }
            column += [...part].length;
            continue;
        }
        for (const code of (sgr[1] || "0").split(";").map(Number)) {
            if (code === 0) {
                style = { bold: false, dim: false, color: "" };
            } else if (code === 1) {
                style = { ...style, bold: true };
            } else if (code === 2) {
                style = { ...style, dim: true };
            } else if (code === 22) {
                style = { ...style, bold: false, dim: false };
            } else if (code === 39) {
                style = { ...style, color: "" };
            } else {
                style = { ...style, color: names[code] ?? style.color };
            }
        }
    }
}

const strip = (line) => line.replace(/\x1b\[[0-9;]*m/g, "");
const columns = Math.max(80, ...lines.map((line) => [...strip(line)].length));
const width = Math.ceil(columns * CELL.width + 32);
const height = lines.length * CELL.height + 56;
const body = lines
    .map((line, row) =>
        [...runs(line)]
            .filter((run) => run.text.trim() !== "")
            .map((run) => {
                const classes = [run.bold && "bold", run.dim && "dim", run.color].filter(Boolean).join(" ");
                const x = (16 + run.column * CELL.width).toFixed(1);
                const length = ([...run.text].length * CELL.width).toFixed(1);
                return `<text x="${x}" y="${52 + row * CELL.height}" textLength="${length}" lengthAdjust="spacingAndGlyphs"${
                    classes ? ` class="${classes}"` : ""
                }>${escape(run.text)}</text>`;
            })
            .join(""),
    )
    .filter((row) => row !== "")
    .join("\n");

console.log(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<title>${escape(title)}</title>
<style>
.window{fill:#fbfbfc;stroke:#d5d9de} text{font:13.5px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:#1f2328;white-space:pre}
.bold{font-weight:700} .dim{fill:#636c76} .red{fill:#b3261e} .green{fill:#16724a} .yellow{fill:#8a5a00} .blue{fill:#1f5fa8} .magenta{fill:#7a3fa0} .cyan{fill:#0f6b78}
@media (prefers-color-scheme:dark){.window{fill:#15181c;stroke:#343a41} text{fill:#e6e9ec} .dim{fill:#98a1ab} .red{fill:#ff8a80} .green{fill:#57d39b} .yellow{fill:#e8b64c} .blue{fill:#7fb6f5} .magenta{fill:#cf9bf0} .cyan{fill:#62cbd8}}
</style>
<rect class="window" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>
<circle cx="20" cy="18" r="5" fill="#e06c60"/><circle cx="38" cy="18" r="5" fill="#e0b341"/><circle cx="56" cy="18" r="5" fill="#5bb56b"/>
${body}
</svg>`);
