//! Arrays.

use std::sync::Arc;

use crate::fail::Fail;
use crate::name::methods;
use crate::value::{Array, Value};

methods! {
    fn call(cx, me: &Arc<Array>, a, name) -> METHODS;
    size : 0 .. 0 => if cx.beanshell() { Err(Fail::NoMethod) } else { Ok(Value::from(me.len())) };
    clone : 0 .. 0 => { cx.charge_items(me.len())?; Ok(Value::array(&me.element, me.items())) };
    encodeBase64 : 0 .. 1 => {
        let text = crate::library::encoding::base64_text(&me.bytes().ok_or(Fail::NoMethod)?);
        let is_chunked = !a.is_empty() && a.bool(0)?;
        Ok(crate::library::encoding::writable(if is_chunked { crate::library::encoding::chunked(&text) } else { text }))
    };
    encodeBase64Url : 0 .. 1 => { let text = crate::library::encoding::base64_url_text(&me.bytes().ok_or(Fail::NoMethod)?, !a.is_empty() && a.bool(0)?); Ok(crate::library::encoding::writable(text)) };
    encodeHex : 0 .. 0 => Ok(crate::library::encoding::writable(crate::library::encoding::hex(&me.bytes().ok_or(Fail::NoMethod)?)));
    md5 : 0 .. 0 => Ok(Value::from(crate::library::encoding::hex(&crate::library::digest::digest("MD5", &me.bytes().ok_or(Fail::NoMethod)?)?)));
    sha256 : 0 .. 0 => Ok(Value::from(crate::library::encoding::hex(&crate::library::digest::digest("SHA-256", &me.bytes().ok_or(Fail::NoMethod)?)?)));
    digest : 1 .. 1 => Ok(Value::from(crate::library::encoding::hex(&crate::library::digest::digest(&a.text(0)?, &me.bytes().ok_or(Fail::NoMethod)?)?)));
    sort : 0 .. 1 => { let sorted = crate::library::list::sort_values(cx, me.items(), a.0.first())?; if matches!(a.0, [Value::Closure(_)]) { return Ok(Value::array(&me.element, sorted)); } for (i, v) in sorted.into_iter().enumerate() { me.set(i, v); } Ok(Value::Array(me.clone())) };
    equals : 1 .. 1 => Ok(Value::Bool(if cx.groovy() { crate::equality::groovy_equals(&Value::Array(me.clone()), &a[0]) } else { Value::Array(me.clone()).same(&a[0]) }));
    reverse : 0 .. 1 => { let mut v = me.items(); v.reverse(); if !matches!(a.0, [Value::Bool(true)]) { return Ok(Value::array(&me.element, v)); } for (i, v) in v.into_iter().enumerate() { me.set(i, v); } Ok(Value::Array(me.clone())) };
}
