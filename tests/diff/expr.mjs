// usage: node tests/diff/expr.mjs EXPRDIFF        (DIFF_SEED=1 DIFF_N=10000)
// Compares our evaluator with @jmespath-community/jmespath on generated pairs of expression and document: results must be
// equal, errors of one kind. Where the oracle is wrong or silent the difference has a name below, and the counts are printed.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { isDeepStrictEqual } from 'node:util';
import { Generator } from './generate.mjs';

const require = createRequire(new URL('../tools/package.json', import.meta.url));
const { search } = require('@jmespath-community/jmespath');

const seed = Number(process.env.DIFF_SEED ?? 1);
const count = Number(process.env.DIFF_N ?? 10000);
const program = process.argv[2];

const kinds = [
    [/^Unknown function/, 'unknown-function'],
    [/^Invalid arity/, 'invalid-arity'],
    [/undefined variable/, 'undefined-variable'],
    [/not-a-number/, 'not-a-number'],
    [/invalid.value/i, 'invalid-value'],
    [/invalid.type/i, 'invalid-type'],
];
function kindOf(error) {
    if (error instanceof RangeError || error instanceof TypeError) return `crash (${error.message})`;
    for (const [pattern, kind] of kinds) if (pattern.test(error.message)) return kind;
    return 'syntax';
}
function oracle(text, doc) {
    try {
        return { result: JSON.parse(JSON.stringify(search(doc, text) ?? null)) };
    } catch (error) {
        return { error: kindOf(error) };
    }
}

// Differences that are the oracle's. `ours` and `theirs` are {result} or {error}.
const known = [
    ['a list without commas is read', (text, ours, theirs) => ours.error === 'syntax' && theirs.error !== 'syntax' &&
        /[\w'"`)\]}*@] *[\w'"`([{@$*-]/.test(text)],
    ['quotes that are never closed are read', (text, ours, theirs) => ours.error === 'syntax' && theirs.error !== 'syntax' &&
        ['`', "'", '"'].some(quote => text.split(quote).length % 2 === 0)],
    ['unknown functions and wrong numbers of arguments are found only when called', (text, ours) =>
        ours.error === 'unknown-function' || ours.error === 'invalid-arity'],
    ['both operands are evaluated before the first is found to be no number', (text, ours, theirs) =>
        ours.error === 'not-a-number' && theirs.error],
    ['a variable that is null or false is not seen from an inner let', (text, ours, theirs) =>
        /\$[xy]/.test(text) && (theirs.error === 'undefined-variable' || text.split('let').length > 2)],
    ['sort_by of strings changes the order of equal ones', text => /sort_by/.test(text)],
    ['a value projection behind a dot ends after one name', text => /\.\*/.test(text)],
    ['the rest of a division has the sign of the dividend, and division by zero leaves null', text => /%/.test(text)],
    ['contains() on a text is null for what is no text', text => /contains\(/.test(text)],
    ['to_number() of an empty text is 0', text => /to_number\(/.test(text)],
    ['an &expression is read where no function takes it', (text, ours) => ours.error && /&/.test(text)],
    ['bare numbers are refused (they are an extension)', (text, ours, theirs) => theirs.error === 'syntax' && /(^|[^\w[:.])-?\d/.test(text)],
    ["'!' binds tighter than '.' and '['", text => /!["\w[(]/.test(text)],
    ['digits and signs in a row are one number, as in [2-3]', text => /\d-\d/.test(text)],
    ["'*' behind an operand binds as tight as a wildcard", text => /[\w"\]]\*[\w"[]/.test(text)],
    ['a projection cannot be multiplied', (text, ours, theirs) => theirs.error === 'syntax' && /\] *\*/.test(text)],
    ['an assignment outside of let is read', (text, ours) => ours.error === 'syntax' && /[^=!<>]=[^=]/.test(text)],
    ['sort() orders numbers by their text', text => /sort\(/.test(text)],
    ['padding an empty text gives an empty text, an empty padding is a blank', text => /pad_(left|right)\(/.test(text) && /''/.test(text)],
    ['group_by() fails on a null key', (text, ours, theirs) => /group_by\(/.test(text) && theirs.error === 'invalid-type'],
    ['only the first of many arguments has its type checked', (text, ours) => ours.error === 'invalid-type' && /(merge|zip)\(/.test(text)],
];

function explain(text, ours, theirs) {
    return known.find(([, test]) => test(text, ours, theirs))?.[0];
}

const generator = new Generator(seed);
const pairs = Array.from({ length: count }, () => ({ doc: generator.document(), expr: generator.text() }));
const run = spawnSync(program, { input: pairs.map(p => JSON.stringify(p) + '\n').join(''), maxBuffer: 1 << 30, encoding: 'utf8' });
if (run.status !== 0) {
    console.error(`${program}: status ${run.status} ${run.signal ?? ''}\n${run.stderr}`);
    process.exit(2);
}
const answers = run.stdout.trimEnd().split('\n').map(line => JSON.parse(line));
const excused = new Map();
let failures = 0;
pairs.forEach(({ expr, doc }, i) => {
    const ours = answers[i];
    const theirs = oracle(expr, doc);
    if (isDeepStrictEqual(ours, theirs)) return;
    const name = explain(expr, ours, theirs);
    if (name) {
        excused.set(name, (excused.get(name) ?? 0) + 1);
    } else if (++failures <= 20) {
        console.log(`${expr}\n  document ${JSON.stringify(doc)}\n  ours   ${JSON.stringify(ours)}\n  oracle ${JSON.stringify(theirs)}`);
    }
});
const errors = answers.filter(a => a.error).length;
console.log(`seed ${seed}: ${count} pairs, ${errors} of them errors, ${failures} differences`);
for (const [name, n] of excused) console.log(`  ${n} × the oracle: ${name}`);
process.exit(failures === 0 && answers.length === count ? 0 : 1);
