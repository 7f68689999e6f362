// usage: node tests/tools/gitlab.mjs PIPELINE.json
// Exit 0 when the document fits GitLab's schema of .gitlab-ci.yml (as gitlab-ci-local ships it); 1 and a line
// per violation otherwise.
import { readFileSync } from "node:fs";
import Ajv from "ajv";
import addFormats from "ajv-formats";
import { schema } from "gitlab-ci-local/src/schema/schema.js";

const ajv = new (Ajv.default ?? Ajv)({ allErrors: true, strict: false });
(addFormats.default ?? addFormats)(ajv);
const validate = ajv.compile(schema);
if (!validate(JSON.parse(readFileSync(process.argv[2], "utf8")))) {
    for (const error of validate.errors) {
        console.error(`${error.instancePath || "/"} ${error.message} ${JSON.stringify(error.params)}`);
    }
    process.exit(1);
}
