// node peer.js VALUES ROUNDS TEMPLATE... : renders templates with velocityjs, parsed once, and prints
// { name: { text, seconds } } with the least time of a rendering over the rounds.
"use strict";
const fs = require("fs");
const path = require("path");
const velocity = require(path.resolve("build/peers/vtl-bench/node_modules/velocityjs"));

const [valuesFile, rounds, ...templates] = process.argv.slice(2);
const values = JSON.parse(fs.readFileSync(valuesFile, "utf8"));

// The path of a plain JSONPath: $.a.b
function find(value, jsonPath) {
  for (const name of jsonPath.split(".").slice(1)) {
    value = value == null ? undefined : value[name];
  }
  return value;
}

class Params {
  constructor(map) { Object.assign(this, map); }
  keySet() { return Object.keys(this).filter((name) => name !== "eval"); } // velocityjs adds one
  get(name) { return this[name]; }
}

function escapeJavaScript(text) {
  return String(text).replace(/[\\"'/]/g, "\\$&").replace(/\n/g, "\\n");
}

function context() {
  let document;
  const parsed = () => (document === undefined ? (document = JSON.parse(values.body)) : document);
  const params = {};
  for (const kind of ["path", "querystring", "header"]) {
    params[kind] = new Params(values.params[kind]);
  }
  return {
    input: {
      body: values.body,
      path: (where) => find(parsed(), where),
      json: (where) => JSON.stringify(find(parsed(), where)),
      params(name) {
        if (name === undefined) {
          return params;
        }
        const kind = Object.values(params).find((map) => Object.hasOwn(map, name));
        return kind === undefined ? "" : kind[name];
      },
    },
    util: { escapeJavaScript },
    context: values.context,
    stageVariables: {},
  };
}

const answers = {};
for (const file of templates) {
  const tree = velocity.parse(fs.readFileSync(file, "utf8"));
  const render = () => new velocity.Compile(tree).render(context());
  const times = 300;
  let least = Infinity;
  for (let round = 0; round < Number(rounds); round++) {
    const begun = process.hrtime.bigint();
    for (let i = 0; i < times; i++) {
      render();
    }
    least = Math.min(least, Number(process.hrtime.bigint() - begun) / 1e9 / times);
  }
  answers[path.basename(file)] = { text: render(), seconds: least };
}
console.log(JSON.stringify(answers));
