// Random documents and expressions from a seed. Expressions are built to be meaningful: a path mostly leads
// somewhere, a function mostly gets what it takes. Where the oracle is known to read a text wrongly, the text is
// written with parentheses that leave no choice (marked "oracle:").

export function random(seed) {
    let state = seed >>> 0;
    const next = () => { // mulberry32
        state = (state + 0x6D2B79F5) >>> 0;
        let t = Math.imul(state ^ (state >>> 15), 1 | state);
        t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
        return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    };
    return {
        chance: p => next() < p,
        int: (low, high) => low + Math.floor(next() * (high - low + 1)),
        pick: list => list[Math.floor(next() * list.length)],
    };
}

const KEYS = ['a', 'b', 'c', 'd', 'name', 'id', 'state', 'two words', 'é'];
const WORDS = ['a', 'b', 'abc', 'ready', 'failed', 'x y', 'naïve', '日本', 'a,b,c', 'aabaa', '12', '-3.5', 'q"q', "o'k", 'back\\slash'];

export class Generator {
    constructor(seed) {
        this.r = random(seed);
    }

    // ---- documents
    number() {
        const { r } = this;
        return r.chance(0.7) ? r.int(-20, 100) : r.int(-400, 400) / 8;
    }
    scalar() {
        const { r } = this;
        return r.pick([() => this.number(), () => r.pick(WORDS), () => r.chance(0.5), () => null])();
    }
    object(depth) {
        const { r } = this;
        const o = {};
        for (let n = r.int(0, 5); n > 0; n--) o[r.pick(KEYS)] = this.value(depth - 1);
        return o;
    }
    list(depth) {
        const { r } = this;
        const make = r.pick([() => this.number(), () => r.pick(WORDS), () => this.object(depth - 1), () => this.value(depth - 1),
            () => this.list(depth - 1)]);
        return Array.from({ length: depth > 0 ? r.int(0, 6) : 0 }, make);
    }
    value(depth) {
        const { r } = this;
        if (depth <= 0 || r.chance(0.35)) return this.scalar();
        return r.chance(0.5) ? this.object(depth) : this.list(depth);
    }
    document() {
        const doc = this.object(4);
        doc.list = Array.from({ length: this.r.int(0, 6) }, () => ({ ...this.object(2), id: this.number(), name: this.r.pick(WORDS) }));
        doc.numbers = Array.from({ length: this.r.int(0, 6) }, () => this.number());
        doc.words = Array.from({ length: this.r.int(0, 6) }, () => this.r.pick(WORDS));
        doc.nested = [[1, [2, null]], [], 'x', this.list(2)];
        return doc;
    }

    // ---- expressions
    key() {
        const key = this.r.pick([...KEYS, 'list', 'numbers', 'words', 'nested']);
        return /^[A-Za-z_]\w*$/.test(key) && this.r.chance(0.9) ? key : JSON.stringify(key);
    }
    literal() {
        const { r } = this;
        return r.pick([
            () => '`' + JSON.stringify(this.scalar()).replace(/`/g, '\\`') + '`',
            () => '`' + JSON.stringify(this.list(2)).replace(/`/g, '\\`') + '`',
            () => "'" + r.pick(['abc', 'ready', 'x y', '日本', 'with \\\' quote', 'a\\nb', '']) + "'",
            () => '`' + this.number() + '`',
        ])();
    }
    index() {
        const { r } = this;
        const n = () => (r.chance(0.5) ? String(r.int(-6, 6)) : '');
        return r.chance(0.6) ? `[${r.int(-4, 4)}]` : `[${n()}:${n()}${r.chance(0.4) ? ':' + r.pick(['', '1', '2', '-1', '-2', '0']) : ''}]`;
    }
    // A path from the current node.
    path(depth) {
        const { r } = this;
        let text = r.pick([() => this.key(), () => this.key(), () => '@', () => '$', () => this.index(), () => '[*]', () => '[]', () => '*',
            () => `[?${this.condition(depth - 1)}]`])();
        for (let n = r.int(0, 4); n > 0; n--) {
            text += r.pick([() => '.' + this.key(), () => '.' + this.key(), () => this.index(), () => '[*]', () => '[]',
                () => `[?${this.condition(depth - 1)}]`, () => '.*', () => '.' + this.select(depth - 1),
                () => '.' + this.call(depth - 1)])();
        }
        return text;
    }
    select(depth) {
        const { r } = this;
        const parts = Array.from({ length: r.int(1, 3) }, () => this.expression(depth - 1));
        return r.chance(0.5) ? `[${parts.join(', ')}]` : `{${parts.map((p, i) => `k${i}: ${p}`).join(', ')}}`;
    }
    // oracle: '<' and '>' on two strings are an extension, so both sides are numbers or null here
    number_expression(depth) {
        const { r } = this;
        return r.pick([() => '`' + this.number() + '`', () => 'to_number(`' + this.number() + '`)',
            () => `length(${r.pick(['list', 'numbers', 'words', '@'])})`, () => 'id', () => 'numbers[0]'])(depth);
    }
    condition(depth) {
        const { r } = this;
        if (depth <= 0) return `${this.key()} == ${this.literal()}`;
        return r.pick([
            () => `${this.operand(depth - 1)} ${r.pick(['==', '!='])} ${this.operand(depth - 1)}`,
            () => `to_number(${this.operand(depth - 1)}) ${r.pick(['<', '<=', '>', '>='])} ${this.number_expression()}`,
            () => `${this.condition(depth - 1)} ${r.pick(['&&', '||'])} ${this.condition(depth - 1)}`,
            () => `!(${this.expression(depth - 1)})`, // oracle: '!' binds tighter than '.' there
            () => this.operand(depth - 1),
            () => `contains(words, ${this.literal()})`,
        ])();
    }
    operand(depth) {
        const { r } = this;
        return r.pick([() => this.key(), () => this.literal(), () => this.path(depth), () => `(${this.expression(depth - 1)})`])();
    }
    // oracle: '*' binds as a wildcard does, so each operation stands in parentheses
    arithmetic(depth) {
        const { r } = this;
        const operand = () => (r.chance(0.8) ? this.number_expression(depth - 1) : `(${this.expression(depth - 1)})`);
        const sign = r.chance(0.15) ? r.pick(['-', '+', '−']) : '';
        return `(${sign}${operand()} ${r.pick(['+', '-', '*', '/', '%', '//', '×', '÷'])} ${operand()})`;
    }
    call(depth) {
        const { r } = this;
        const any = () => this.expression(depth - 1);
        const text = () => (r.chance(0.7) ? r.pick(["'aabaa'", "'x y'", 'name', 'words[0]', "'日本'"]) : any());
        const numbers = () => (r.chance(0.8) ? r.pick(['numbers', 'list[*].id']) : any());
        const words = () => (r.chance(0.8) ? r.pick(['words', 'list[*].name']) : any());
        const objects = () => (r.chance(0.85) ? 'list' : any());
        const object = () => (r.chance(0.8) ? r.pick(['@', '$', 'list[0]']) : any());
        const n = () => '`' + r.int(0, 12) + '`';
        return r.pick([
            () => `abs(${this.number_expression()})`, () => `avg(${numbers()})`, () => `ceil(${this.number_expression()})`,
            () => `floor(${this.number_expression()})`, () => `sum(${numbers()})`, () => `max(${numbers()})`, () => `min(${numbers()})`,
            () => `contains(${words()}, ${this.literal()})`, () => `starts_with(${text()}, 'a')`, () => `ends_with(${text()}, 'aa')`,
            () => `length(${any()})`, () => `reverse(${any()})`, () => `keys(${object()})`, () => `values(${object()})`,
            () => `items(${object()})`, () => `from_items(items(${object()}))`, () => `merge(list[0], \`{"k": 1}\`)`,
            () => `group_by(${objects()}, &name)`, () => `sort_by(${objects()}, &id)`, () => `sort_by(${objects()}, &name)`,
            () => `max_by(${objects()}, &id)`, () => `min_by(${objects()}, &id)`, () => `map(&${any()}, ${r.chance(0.8) ? 'list' : any()})`,
            () => `sort(${words()})`, () => `join('-', ${words()})`, () => `to_array(${any()})`, () => `to_string(${any()})`,
            () => `to_number(${any()})`, () => `type(${any()})`, () => `not_null(${any()}, ${any()})`, () => `zip(numbers, words)`,
            () => `lower(${text()})`, () => `upper(${text()})`, () => `trim(${text()})`, () => `trim_left(${text()}, 'a')`,
            () => `trim_right(${text()}, 'ab')`, () => `pad_left(${text()}, ${n()})`, () => `pad_right(${text()}, ${n()}, '-')`,
            () => `replace(${text()}, 'aa', '-')`, () => `replace(${text()}, 'a', '+', ${n()})`, () => `split(${text()}, 'b')`,
            () => `find_first(${text()}, 'a')`, () => `find_last(${text()}, 'a')`, () => `find_first(${text()}, 'a', \`1\`)`,
            () => `find_last(${text()}, 'a', \`0\`, \`4\`)`,
        ])();
    }
    // oracle: '|' binds tighter than ': c' there, and a projection before ':' is not read; so all three parts are in parentheses
    ternary(depth) {
        return `(${this.condition(depth - 1)}) ? (${this.expression(depth - 1)}) : (${this.expression(depth - 1)})`;
    }
    let(depth) {
        const { r } = this;
        const inner = r.pick([() => `$x`, () => `[$x, ${this.expression(depth - 1)}]`, () => `$x[0]`, () => `list[?id == $x]`,
            () => `let $y = $x in [$x, $y]`])();
        return `let $x = ${this.expression(depth - 1)} in ${inner}`;
    }
    expression(depth) {
        const { r } = this;
        if (depth <= 0) return r.chance(0.7) ? this.key() : this.literal();
        return r.pick([
            () => this.path(depth), () => this.path(depth), () => this.path(depth), () => this.call(depth), () => this.call(depth),
            () => this.select(depth), () => `(${this.condition(depth)})`, () => this.arithmetic(depth), () => this.literal(),
            () => `(${this.ternary(depth)})`, () => `(${this.let(depth)})`,
            () => `(${this.expression(depth - 1)} | ${this.expression(depth - 1)})`,
            () => `(${this.expression(depth - 1)} ${r.pick(['||', '&&'])} ${this.expression(depth - 1)})`,
        ])();
    }
    // Now and then one character too many or too few: both must refuse the same texts.
    text() {
        const { r } = this;
        const text = this.expression(r.int(1, 4));
        if (!r.chance(0.08)) return text;
        const at = r.int(0, text.length - 1);
        return r.chance(0.5) ? text.slice(0, at) + text.slice(at + 1) : text.slice(0, at) + r.pick([...'.[](){}|&!*@:,']) + text.slice(at);
    }
}
