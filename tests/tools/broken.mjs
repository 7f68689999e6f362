// usage: node tests/tools/broken.mjs CPDFLOW SCHEMA.json RECIPE.json DIR [EVERY]
// Breaks a recipe in hundreds of ways, one at a time: every value becomes one of another type, every map
// gets a key that nobody knows and loses one it has. What the schema refuses the loader must refuse too.
// The broken recipes and the files that they name stand in DIR; with EVERY only each EVERY-th is tried.
// Prints how many both refuse.
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import Ajv7 from "ajv";
import addFormats from "ajv-formats";

const [program, schemaFile, recipeFile, dir, every = "1"] = process.argv.slice(2);
const readJson = (file) => JSON.parse(readFileSync(file, "utf8"));
const schema = readJson(schemaFile);
const recipe = readJson(recipeFile);

// ---- does the recipe use every field? ----
const used = new Set();
const note = (v) => {
    if (Array.isArray(v)) v.forEach(note);
    else if (v !== null && typeof v === "object") Object.entries(v).forEach(([k, w]) => (used.add(k), note(w)));
};
note(recipe);
const keys = [schema, ...Object.values(schema.definitions)].flatMap((d) => Object.keys(d.properties ?? {}));
const unused = keys.filter((key) => !used.has(key));
if (unused.length > 0) {
    console.error(`no field ${unused.join(", ")} in ${recipeFile}`);
    process.exit(1);
}

// ---- mutations ----
const WRONG = [null, "${{ ", -1.5, true, [], [[]], {}, { frobnicate: [1] }, "a word too many", ""];
const paths = [];
const walk = (v, path) => {
    paths.push(path);
    if (v !== null && typeof v === "object") {
        for (const key of Object.keys(v)) walk(v[key], [...path, key]);
    }
};
walk(recipe, []);
const at = (root, path) => path.reduce((v, key) => v[key], root);
const broken = [];
const add = (what, change) => {
    const copy = structuredClone(recipe);
    change(copy);
    broken.push({ what, copy });
};
for (const path of paths.filter((p) => p.length > 0)) {
    const last = path.at(-1);
    const above = path.slice(0, -1);
    WRONG.forEach((wrong) => add(`${path.join(".")} = ${JSON.stringify(wrong)}`, (r) => (at(r, above)[last] = wrong)));
    add(`no ${path.join(".")}`, (r) => (Array.isArray(at(r, above)) ? at(r, above).splice(last, 1) : delete at(r, above)[last]));
    const value = at(recipe, path);
    if (value !== null && typeof value === "object" && !Array.isArray(value)) {
        add(`${path.join(".")} has frobnicate`, (r) => (at(r, path).frobnicate = 1));
    }
}

// ---- both judges ----
const ajv = new (Ajv7.default ?? Ajv7)({ strict: true, strictRequired: false, allowUnionTypes: true });
(addFormats.default ?? addFormats)(ajv);
const validate = ajv.compile(schema);
if (!validate(recipe)) {
    console.error(JSON.stringify(validate.errors));
    process.exit(1);
}
const refused = broken.filter(({ copy }) => !validate(copy)).filter((_, i) => i % Number(every) === 0);
const files = refused.map(({ copy }, i) => {
    const file = `broken-${i}.yaml`;
    writeFileSync(`${dir}/${file}`, JSON.stringify(copy));
    return file;
});
const taken = [];
for (let i = 0; i < files.length; i += 20) { // LIMIT_DIAGNOSTICS counts all files of a call together
    const { stdout } = spawnSync(program, ["check", "--format=json", ...files.slice(i, i + 20)], { cwd: dir, encoding: "utf8", maxBuffer: 1 << 28 });
    JSON.parse(stdout).recipes.forEach((r, k) => r.ok && taken.push(refused[i + k].what));
}
if (taken.length > 0) {
    console.error(`the schema refuses and the loader takes:\n${taken.join("\n")}`);
    process.exit(1);
}
console.log(refused.length);
