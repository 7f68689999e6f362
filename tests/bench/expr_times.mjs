// usage: node tests/bench/expr_times.mjs benchmarks.json
// The counterpart of expr_times.c with the community implementation: name, compile, evaluate in microseconds.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(new URL('../tools/', import.meta.url));
const { compile, TreeInterpreter } = require('@jmespath-community/jmespath');

const budgetMs = 50;

function microseconds(work) {
  for (let i = 0; i < 200; i++) work(); // lets the compiler of the machine see it
  const start = performance.now();
  let n = 0;
  while (performance.now() - start < budgetMs) {
    work();
    n++;
  }
  return (1000 * (performance.now() - start)) / n;
}

for (const { given, cases } of JSON.parse(readFileSync(process.argv[2], 'utf8'))) {
  for (const { expression, comment } of cases) {
    const ast = compile(expression);
    const compileUs = microseconds(() => compile(expression));
    const evalUs = microseconds(() => TreeInterpreter.search(ast, given));
    console.log([comment ?? '?', compileUs.toFixed(3), evalUs.toFixed(3)].join('\t'));
  }
}
