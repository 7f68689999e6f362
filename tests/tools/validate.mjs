// usage: node tests/tools/validate.mjs SCHEMA.json DOCUMENT.json...
// Exit 0 when every document fits the schema (draft 2020-12, or draft 7 when $schema says so);
// 1 and one line per violation otherwise.
import { readFileSync } from "node:fs";
import Ajv7 from "ajv";
import Ajv2020 from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

const [schemaFile, ...documents] = process.argv.slice(2);
if (documents.length === 0) {
    console.error("usage: validate.mjs SCHEMA.json DOCUMENT.json...");
    process.exit(2);
}
const readJson = (file) => JSON.parse(readFileSync(file, "utf8"));
const schema = readJson(schemaFile);
const Ajv = /draft-07/.test(schema.$schema ?? "") ? Ajv7.default ?? Ajv7 : Ajv2020.default ?? Ajv2020;
const ajv = new Ajv({ allErrors: true, strict: true, strictRequired: false, allowUnionTypes: true });
(addFormats.default ?? addFormats)(ajv);
const validate = ajv.compile(schema);

let bad = 0;
for (const file of documents) {
    if (validate(readJson(file))) {
        continue;
    }
    for (const error of validate.errors) {
        console.error(`${file}: ${error.instancePath || "/"} ${error.message} ${JSON.stringify(error.params)}`);
        bad++;
    }
}
process.exit(bad > 0 ? 1 : 0);
