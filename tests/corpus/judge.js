// Judges the JSON documents of the corpus by the JSON Schema of their operation, with ajv.
//   node judge.js FOLDER-OF-AJV FOLDER-OF-SCHEMAS
// Prints a line a document: its file, and "accepts" or "refuses".
"use strict";
const fs = require("fs");
const path = require("path");

const [modules, schemas] = process.argv.slice(2);
const Ajv = require(path.join(path.resolve(modules), "node_modules", "ajv", "dist", "2020"));
const judges = {};

function judge(operation) {
    if (!judges[operation]) {
        const schema = fs.readFileSync(path.join(schemas, operation + ".json"), "utf8");
        judges[operation] = new Ajv({ strict: true }).compile(JSON.parse(schema));
    }
    return judges[operation];
}

function accepts(row) {
    let document;
    try {
        document = JSON.parse(fs.readFileSync(path.join(__dirname, row.file), "utf8"));
    } catch (error) {
        return false;
    }
    return judge(row.operation)(document);
}

const index = JSON.parse(fs.readFileSync(path.join(__dirname, "index.json"), "utf8"));
for (const row of index.filter((one) => one.file.endsWith(".json"))) {
    console.log(row.file, accepts(row) ? "accepts" : "refuses");
}
