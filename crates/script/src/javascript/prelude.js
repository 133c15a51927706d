// Java's objects as JavaScript sees them in Rhino and Nashorn. `native` has the functions of `bridge.rs`,
// which answer with primitives or with `{handle, kind}` for an object of Java, `{method}` for a method and
// `{thrown, text}` for an exception.
//
// Not here: what the objects do.
(function (native, isRhino) {
    'use strict';

    const HANDLE = Symbol('handle');
    const DEPTH = 64;

    const isObject = (value) => value !== null && (typeof value === 'object' || typeof value === 'function');

    // What crosses to Java: primitives as they are, anything else as an object that says what it is.
    function pack(value, depth) {
        if (typeof value === 'symbol' || typeof value === 'bigint') return { text: String(value) };
        if (!isObject(value)) return value;
        const handle = value[HANDLE];
        if (handle !== undefined) return { handle };
        if (depth > DEPTH) throw new RangeError('an object is nested too deeply for Java');
        if (typeof value === 'function') throw new TypeError('a function cannot be given to Java');
        if (Array.isArray(value)) return { list: value.map((item) => pack(item, depth + 1)) };
        const simple = value instanceof String || value instanceof Number || value instanceof Boolean;
        if (simple) return value.valueOf();
        if (value instanceof Date || value instanceof RegExp || value instanceof Error) return { text: String(value) };
        const map = [];
        for (const name of Object.keys(value)) map.push(name, pack(value[name], depth + 1));
        return { map };
    }

    const packed = (values) => values.map((value) => pack(value, 0));

    function raise(answer) {
        const thrown = proxied(answer.thrown, 'object');
        if (!isRhino) throw thrown;
        const error = new Error(answer.text);
        Object.defineProperty(error, 'name', { value: 'JavaException', configurable: true, writable: true });
        Object.defineProperty(error, 'javaException', { value: thrown, configurable: true, writable: true });
        throw error;
    }

    function wrap(answer) {
        if (!isObject(answer)) return answer;
        if (answer.thrown !== undefined) return raise(answer);
        return answer.kind === 'class' ? javaClass(answer.handle) : proxied(answer.handle, answer.kind);
    }

    const wrapAll = (answers) => (Array.isArray(answers) ? answers.map(wrap) : wrap(answers));

    function member(handle, name) {
        const found = native.get(handle, name);
        if (isObject(found) && found.method) return (...given) => wrap(native.call(handle, name, packed(given)));
        return wrap(found);
    }

    const indices = (handle) => Array.from({ length: native.length(handle) }, (_, at) => String(at));

    // The traps of an object of Java.
    class JavaObject {
        constructor(handle, kind) {
            this.handle = handle;
            this.kind = kind;
        }

        get(target, name) {
            const { handle } = this;
            if (name === HANDLE) return handle;
            if (typeof name === 'symbol') {
                if (name === Symbol.toPrimitive) return (hint) => native.primitive(handle, hint === 'string');
                if (name === Symbol.iterator) return () => wrapAll(native.items(handle))[Symbol.iterator]();
                return undefined;
            }
            if (name === 'length$') return (...given) => wrap(native.call(handle, 'length', packed(given)));
            return member(handle, name);
        }

        set(target, name, value) {
            if (typeof name === 'string') wrap(native.set(this.handle, name, pack(value, 0)));
            return true;
        }

        has(target, name) {
            return typeof name === 'string' && native.get(this.handle, name) !== undefined;
        }

        ownKeys() {
            if (this.kind === 'array' || this.kind === 'list') return indices(this.handle);
            return this.kind === 'map' ? wrapAll(native.keys(this.handle)) : [];
        }

        getOwnPropertyDescriptor(target, name) {
            if (typeof name !== 'string') return undefined;
            return { value: member(this.handle, name), enumerable: true, configurable: true, writable: true };
        }
    }

    const proxied = (handle, kind) => new Proxy({}, new JavaObject(handle, kind));

    function javaClass(handle) {
        return new Proxy(function () {}, {
            get(target, name) {
                if (name === HANDLE) return handle;
                if (name === Symbol.toPrimitive) return () => native.primitive(handle, true);
                if (name === Symbol.hasInstance) {
                    return (value) => isObject(value) && value[HANDLE] !== undefined && native.is(value[HANDLE], handle);
                }
                if (typeof name === 'symbol') return undefined;
                return name === 'class' || name === 'static' ? javaClass(handle) : member(handle, name);
            },
            construct(target, given) {
                const made = wrap(native.construct(handle, packed(given)));
                // A text of Java is no object in Nashorn, and `new` gives objects only.
                return isObject(made) ? made : Object(made);
            },
            apply() {
                throw new TypeError(native.primitive(handle, true) + ' is not a function');
            },
        });
    }

    function noClass(path) {
        if (isRhino) return new TypeError('[JavaPackage ' + path + '] is not a function, it is object.');
        return new Error('java.lang.ClassNotFoundException: ' + path);
    }

    function javaPackage(path) {
        return new Proxy(function () {}, {
            get(target, name) {
                if (name === Symbol.toPrimitive) return () => '[JavaPackage ' + path + ']';
                if (name === 'packageName') return path;
                if (typeof name === 'symbol') return undefined;
                const full = path === '' ? name : path + '.' + name;
                const handle = native.find(full);
                return handle === undefined ? javaPackage(full) : javaClass(handle);
            },
            set() {
                return true;
            },
            defineProperty() {
                return true;
            },
            apply() {
                throw noClass(path);
            },
            construct() {
                throw noClass(path);
            },
        });
    }

    function define(name, value) {
        Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false });
    }

    function importClasses(...classes) {
        for (const one of classes) define(native.simple(one[HANDLE]), one);
    }

    function importPackages(...packages) {
        for (const one of packages) {
            for (const name of native.classes(one.packageName)) define(name, one[name]);
        }
    }

    // `with (new JavaImporter(java.util, java.io.File)) { .. }`.
    function JavaImporter(...given) {
        const names = Object.create(null);
        for (const one of given) {
            if (one[HANDLE] !== undefined) names[native.simple(one[HANDLE])] = one;
            else for (const name of native.classes(one.packageName)) names[name] = one[name];
        }
        return names;
    }

    // Time and chance are the host's.
    const Clock = Date;
    define('Date', function Date(...given) {
        if (new.target === undefined) return new Clock(native.now()).toString();
        return given.length === 0 ? new Clock(native.now()) : new Clock(...given);
    });
    Date.prototype = Clock.prototype;
    Object.defineProperty(Date.prototype, 'constructor', { value: Date, writable: true, configurable: true });
    for (const name of ['UTC', 'parse']) Object.defineProperty(Date, name, { value: Clock[name] });
    // The texts of dates have the name of the zone, and Rhino those of Java by the words of the country.
    const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October',
        'November', 'December'];
    const clockTime = Clock.prototype.toTimeString;
    const texts = {
        toTimeString() {
            const time = clockTime.call(this);
            if (Number.isNaN(this.getTime())) return time;
            // Rhino takes the sign of an offset that is not above zero for a minus.
            const offset = isRhino ? time.replace('+0000', '-0000') : time;
            return `${offset} (${native.zone(this.getTime())})`;
        },
        toString() {
            if (Number.isNaN(this.getTime())) return 'Invalid Date';
            return `${this.toDateString()} ${this.toTimeString()}`;
        },
        toLocaleDateString() {
            if (Number.isNaN(this.getTime())) return 'Invalid Date';
            if (isRhino) return `${MONTHS[this.getMonth()]} ${this.getDate()}, ${this.getFullYear()}`;
            const two = (number) => String(number).padStart(2, '0');
            return `${this.getFullYear()}-${two(this.getMonth() + 1)}-${two(this.getDate())}`;
        },
        toLocaleTimeString() {
            const time = clockTime.call(this).slice(0, 8);
            if (Number.isNaN(this.getTime())) return 'Invalid Date';
            if (!isRhino) return time;
            const hour = this.getHours();
            const half = hour < 12 ? 'AM' : 'PM';
            return `${hour % 12 || 12}${time.slice(2)} ${half} ${native.zone(this.getTime())}`;
        },
        toLocaleString() {
            if (!isRhino || Number.isNaN(this.getTime())) return this.toString();
            return `${this.toLocaleDateString()} ${this.toLocaleTimeString()}`;
        },
    };
    for (const [name, value] of Object.entries(texts)) {
        Object.defineProperty(Date.prototype, name, { value, writable: true, configurable: true });
    }
    Object.defineProperty(Date, 'now', { value: () => native.now() });
    Object.defineProperty(Math, 'random', { value: () => native.random(), writable: true, configurable: true });

    for (const name of ['java', 'javax', 'org', 'com', 'edu', 'net']) define(name, javaPackage(name));
    define('Packages', javaPackage(''));
    define('importClass', importClasses);
    define('importPackage', importPackages);
    define('JavaImporter', JavaImporter);

    if (!isRhino) {
        define('print', (...values) => wrap(native.print(values.map(String).join(' '))));
        define('load', (name) => {
            if (name !== 'nashorn:mozilla_compat.js') throw new TypeError('Cannot load script from ' + name);
        });
        define('Java', {
            type(name) {
                const handle = native.find(String(name));
                if (handle === undefined) throw new Error('java.lang.ClassNotFoundException: ' + name);
                return javaClass(handle);
            },
            from: (list) => wrapAll(native.items(list[HANDLE])),
            to: (array) => wrap(native.array(pack(Array.from(array), 0))),
        });
        // `text.length()` beside `text.length`: `names.rs` writes such calls as calls of this one.
        const length = function (...given) {
            return typeof this.length === 'function' ? this.length(...given) : this.length;
        };
        Object.defineProperty(Object.prototype, 'length$', { value: length, writable: true, configurable: true });
        // Texts are Java's there: what JavaScript's have not is found in `java.lang.String`.
        for (const name of native.stringMethods()) {
            if (name in String.prototype) continue;
            const value = function (...given) {
                return wrap(native.ofText(String(this), name, packed(given)));
            };
            Object.defineProperty(String.prototype, name, { value, writable: true, configurable: true });
        }
    }

    // QuickJS looks at no limit while these go over an array or a text: their length counts before they begin.
    function weigh(length) {
        // Whoever has passed a limit stays here until the engine looks.
        if (length > 1024 && native.work(length)) for (;;);
    }

    function weighed(owner, names, weight) {
        for (const name of names) {
            const original = owner[name];
            if (original === undefined) continue;
            const value = function () {
                weight(this, arguments);
                return Reflect.apply(original, this, arguments);
            };
            Object.defineProperty(value, 'name', { value: name, configurable: true });
            Object.defineProperty(value, 'length', { value: original.length, configurable: true });
            Object.defineProperty(owner, name, { value, writable: true, configurable: true });
        }
    }

    const own = (me) => weigh(me.length);
    // A text has no holes, and four of its characters take no longer than an element.
    const text = (me) => {
        for (let left = me.length / 4; left > 256; left -= 1048576) weigh(Math.min(left, 1048576));
    };
    weighed(
        Array.prototype,
        ['join', 'reverse', 'sort', 'slice', 'splice', 'unshift', 'shift', 'indexOf', 'lastIndexOf', 'includes', 'fill',
            'copyWithin', 'flat', 'toReversed', 'toSorted', 'toSpliced', 'with'],
        own,
    );
    weighed(Array.prototype, ['concat'], (me, given) => {
        weigh(me.length);
        for (let at = 0; at < given.length; at++) if (Array.isArray(given[at])) weigh(given[at].length);
    });
    weighed(
        String.prototype,
        ['indexOf', 'lastIndexOf', 'includes', 'split', 'replace', 'replaceAll', 'toUpperCase', 'toLowerCase', 'trim',
            'localeCompare', 'normalize', 'substring', 'substr', 'slice'],
        text,
    );
    weighed(JSON, ['stringify'], (_, given) => {
        if (Array.isArray(given[0])) weigh(given[0].length);
    });

    return {
        // The handle of an object of Java, for the result of the script and what it throws.
        handleOf: (value) => (isObject(value) ? value[HANDLE] : undefined),
        // What JMeter binds to a name.
        bound: (name) => wrap(native.bound(name)),
    };
})
