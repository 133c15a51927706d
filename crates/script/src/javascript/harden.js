// Makes what belongs to the language unchangeable, so that scripts of all elements and users of a thread can share
// one engine. Objects of scripts may still have members of their own by the names that they inherit.
//
// Not here: names that scripts add to the global object; `engine.rs` removes them.
(function (packages) {
    'use strict';

    const isObject = (value) => value !== null && (typeof value === 'object' || typeof value === 'function');
    // Methods of primitives are not set on primitives anyway.
    const PRIMITIVES = [String, Number, Boolean, Symbol];

    // A member that is frozen in a prototype could not be set in the objects that inherit it; one with a setter can.
    function allowOverriding(prototype) {
        for (const name of Object.getOwnPropertyNames(prototype)) {
            const member = Object.getOwnPropertyDescriptor(prototype, name);
            if (!('value' in member) || !member.configurable) continue;
            const value = member.value;
            Object.defineProperty(prototype, name, {
                get() {
                    return value;
                },
                set(changed) {
                    if (this === prototype) throw new TypeError("'" + String(name) + "' is read-only");
                    if (!isObject(this)) return;
                    const own = { value: changed, writable: true, enumerable: true, configurable: true };
                    Object.defineProperty(this, name, own);
                },
                enumerable: member.enumerable,
                configurable: false,
            });
        }
    }

    const seen = new Set([globalThis]);
    const prototypes = new Set();

    function collect(value) {
        if (!isObject(value) || seen.has(value)) return;
        seen.add(value);
        collect(Object.getPrototypeOf(value));
        for (const name of Reflect.ownKeys(value)) {
            const member = Object.getOwnPropertyDescriptor(value, name);
            collect(member.value);
            collect(member.get);
            collect(member.set);
        }
        const prototype = typeof value === 'function' ? value.prototype : undefined;
        if (isObject(prototype) && !PRIMITIVES.includes(value)) prototypes.add(prototype);
    }

    for (const name of Reflect.ownKeys(globalThis)) {
        // A package of Java makes its members up.
        if (!packages.includes(name)) collect(Object.getOwnPropertyDescriptor(globalThis, name).value);
    }
    // What no name leads to.
    const unnamed = [
        function* () {},
        async function () {},
        async function* () {},
        (function* () {})(),
        [][Symbol.iterator](),
        ''[Symbol.iterator](),
        new Map()[Symbol.iterator](),
        new Set()[Symbol.iterator](),
        ''.matchAll(/a/g),
    ];
    for (const value of unnamed) collect(Object.getPrototypeOf(value));

    // Read from the engine, not from the object.
    for (const name of ['prepareStackTrace', 'stackTraceLimit']) {
        if (Object.getOwnPropertyDescriptor(Error, name) === undefined) continue;
        Object.defineProperty(Error, name, { get: undefined, set: undefined, configurable: false });
    }
    for (const prototype of prototypes) allowOverriding(prototype);
    seen.delete(globalThis);
    for (const value of seen) Object.freeze(value);
    for (const name of Reflect.ownKeys(globalThis)) {
        const { value, writable } = Object.getOwnPropertyDescriptor(globalThis, name);
        if (writable) Object.defineProperty(globalThis, name, { value, writable: false, configurable: false });
    }
})
