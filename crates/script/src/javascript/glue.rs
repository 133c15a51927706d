//! The functions that the prelude calls: values of QuickJS to and from the bridge's own.
//!
//! They are plain functions, since what QuickJS keeps must not borrow: the bridge of the execution is found through [`HOST`].

use rquickjs::{
    Array, Coerced, Ctx, Exception, Function, IntoJs, Object, Result, Value as JsValue,
};

use super::bridge::{Answer, Given, HOST};
use super::{PRELUDE_FILE, options};
use crate::value::Value;

const PRELUDE: &str = include_str!("prelude.js");

/// What the prelude gives to the side of Rust, in some form or other.
#[derive(Clone)]
pub(super) struct Installed<F> {
    /// The function that gives the handle of an object of Java, or nothing.
    pub(super) handle_of: F,
    /// The function that gives what JMeter binds to a name.
    pub(super) bound: F,
}

impl<F> Installed<F> {
    pub(super) fn map<G>(self, mut to: impl FnMut(F) -> G) -> Installed<G> {
        Installed {
            handle_of: to(self.handle_of),
            bound: to(self.bound),
        }
    }
}

/// Gives scripts Java's objects.
pub(super) fn install<'js>(ctx: &Ctx<'js>, is_rhino: bool) -> Result<Installed<Function<'js>>> {
    let native = Object::new(ctx.clone())?;
    let function = |name: &str, function: Function<'js>| native.set(name, function);
    function("call", Function::new(ctx.clone(), call)?)?;
    function("get", Function::new(ctx.clone(), get)?)?;
    function("set", Function::new(ctx.clone(), set)?)?;
    function("construct", Function::new(ctx.clone(), construct)?)?;
    function("ofText", Function::new(ctx.clone(), of_text)?)?;
    function("array", Function::new(ctx.clone(), array)?)?;
    function("find", Function::new(ctx.clone(), find)?)?;
    function("is", Function::new(ctx.clone(), is)?)?;
    function("items", Function::new(ctx.clone(), items)?)?;
    function("keys", Function::new(ctx.clone(), keys)?)?;
    function("length", Function::new(ctx.clone(), length)?)?;
    function("primitive", Function::new(ctx.clone(), primitive)?)?;
    function("bound", Function::new(ctx.clone(), bound)?)?;
    function("simple", Function::new(ctx.clone(), simple)?)?;
    function("classes", Function::new(ctx.clone(), classes)?)?;
    function("stringMethods", Function::new(ctx.clone(), string_methods)?)?;
    function("print", Function::new(ctx.clone(), print)?)?;
    function("now", Function::new(ctx.clone(), now)?)?;
    function("zone", Function::new(ctx.clone(), zone)?)?;
    function("random", Function::new(ctx.clone(), random)?)?;
    function("work", Function::new(ctx.clone(), work)?)?;
    let prelude: Function<'js> = ctx.eval_with_options(PRELUDE, options(PRELUDE_FILE))?;
    let functions: Object<'js> = prelude.call((native, is_rhino))?;
    Ok(Installed {
        handle_of: functions.get("handleOf")?,
        bound: functions.get("bound")?,
    })
}

impl<'js> IntoJs<'js> for Answer {
    fn into_js(self, ctx: &Ctx<'js>) -> Result<JsValue<'js>> {
        let object = || Object::new(ctx.clone());
        Ok(match self {
            Answer::Undefined => JsValue::new_undefined(ctx.clone()),
            Answer::Null => JsValue::new_null(ctx.clone()),
            Answer::Bool(value) => JsValue::new_bool(ctx.clone(), value),
            Answer::Int(value) => JsValue::new_int(ctx.clone(), value),
            Answer::Number(value) => JsValue::new_float(ctx.clone(), value),
            Answer::Text(text) => (*text).into_js(ctx)?,
            Answer::Object(handle, kind) => {
                let object = object()?;
                object.set("handle", handle)?;
                object.set("kind", kind)?;
                object.into_value()
            }
            Answer::Method => {
                let object = object()?;
                object.set("method", true)?;
                object.into_value()
            }
            Answer::List(items) => {
                let list = Array::new(ctx.clone())?;
                for (at, item) in items.into_iter().enumerate() {
                    list.set(at, item)?;
                }
                list.into_value()
            }
            Answer::Thrown(handle, text) => {
                let object = object()?;
                object.set("thrown", handle)?;
                object.set("text", text)?;
                object.into_value()
            }
            Answer::Limit => return Err(Exception::throw_internal(ctx, "a limit is passed")),
        })
    }
}

/// What the prelude has packed.
fn given(packed: JsValue<'_>) -> Result<Given> {
    if packed.is_undefined() {
        return Ok(Given::Plain(Value::from("undefined"), None));
    }
    if packed.is_null() {
        return Ok(Given::Plain(Value::Null, None));
    }
    if packed.is_string() {
        return Ok(Given::Plain(Value::from(packed.get::<String>()?), None));
    }
    if let Some(object) = packed.as_object() {
        if let Some(handle) = object.get::<_, Option<u32>>("handle")? {
            return Ok(Given::Handle(handle));
        }
        if let Some(text) = object.get::<_, Option<String>>("text")? {
            return Ok(Given::Plain(Value::from(text), None));
        }
        if let Some(items) = object.get::<_, Option<Vec<JsValue<'_>>>>("list")? {
            return Ok(Given::List(all_given(items)?));
        }
        let entries = object.get::<_, Option<Vec<JsValue<'_>>>>("map")?;
        return Ok(Given::Map(all_given(entries.unwrap_or_default())?));
    }
    let text = Some(packed.get::<Coerced<String>>()?.0.into());
    let value = match (packed.as_bool(), packed.as_number()) {
        (Some(value), _) => Value::Bool(value),
        (None, Some(number)) => of_number(number),
        (None, None) => Value::Null,
    };
    Ok(Given::Plain(value, text))
}

/// The smallest of Java's number types that holds it.
fn of_number(number: f64) -> Value {
    if number.fract() != 0.0 || number.abs() > 9e15 || (number == 0.0 && number.is_sign_negative())
    {
        return Value::Double(number);
    }
    let long = number as i64;
    i32::try_from(long).map_or(Value::Long(long), Value::Int)
}

fn all_given(packed: Vec<JsValue<'_>>) -> Result<Vec<Given>> {
    packed.into_iter().map(given).collect()
}

fn call(handle: u32, name: String, packed: Vec<JsValue<'_>>) -> Result<Answer> {
    let given = all_given(packed)?;
    Ok(HOST.with(|java| java.call(handle, &name, &given)))
}

fn get(handle: u32, name: String) -> Answer {
    HOST.with(|java| java.get(handle, &name))
}

fn set(handle: u32, name: String, packed: JsValue<'_>) -> Result<Answer> {
    let given = given(packed)?;
    Ok(HOST.with(|java| java.set(handle, &name, &given)))
}

fn construct(handle: u32, packed: Vec<JsValue<'_>>) -> Result<Answer> {
    let given = all_given(packed)?;
    Ok(HOST.with(|java| java.construct(handle, &given)))
}

fn of_text(text: String, name: String, packed: Vec<JsValue<'_>>) -> Result<Answer> {
    let given = all_given(packed)?;
    Ok(HOST.with(|java| java.of_text(&text, &name, &given)))
}

fn array(packed: JsValue<'_>) -> Result<Answer> {
    let given = given(packed)?;
    Ok(HOST.with(|java| java.array(&given)))
}

fn find(name: String) -> Option<u32> {
    HOST.with(|java| java.find(&name))
}

fn is(handle: u32, class: u32) -> bool {
    HOST.with(|java| java.is(handle, class))
}

fn items(handle: u32) -> Answer {
    HOST.with(|java| java.items(handle))
}

fn keys(handle: u32) -> Answer {
    HOST.with(|java| java.keys(handle))
}

fn length(handle: u32) -> u32 {
    HOST.with(|java| java.length(handle))
}

fn primitive(handle: u32, as_text: bool) -> Answer {
    HOST.with(|java| java.primitive(handle, as_text))
}

fn bound(name: String) -> Answer {
    HOST.with(|java| java.bound(&name))
}

fn simple(class: u32) -> String {
    HOST.with(|java| java.simple(class))
}

fn classes(package: String) -> Vec<&'static str> {
    crate::class::classes_of(&package)
}

fn string_methods() -> Vec<&'static str> {
    crate::library::string::METHODS.to_vec()
}

fn print(text: String) -> Answer {
    HOST.with(|java| java.print(&text))
}

fn now() -> f64 {
    HOST.with(|java| java.now())
}

fn zone(ms: f64) -> String {
    HOST.with(|java| java.zone(ms))
}

fn random() -> f64 {
    HOST.with(|java| java.random())
}

/// Elements or characters that count as one step, as long as there are no more than [`FEW`]: a step is a node of a tree.
const PER_STEP: f64 = 16.0;
/// Beyond this an array has holes, which take far longer than elements.
const FEW: f64 = 1_048_576.0;

/// Counts what a function of the language will go over; true when the script has to end.
fn work(length: f64) -> bool {
    let steps = if length <= FEW {
        length / PER_STEP
    } else {
        length
    };
    HOST.with(|java| java.look(steps as u64))
}
