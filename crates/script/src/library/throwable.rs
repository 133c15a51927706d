//! Exceptions.

use std::sync::Arc;

use crate::args::Args;
use crate::class::ClassInfo;
use crate::fail::{Fail, Run};
use crate::interp::Interp;
use crate::name::{Name, methods};
use crate::value::{Native, Value};

/// A Java exception or error.
#[derive(Clone)]
pub(crate) struct Throwable {
    pub(crate) class: Arc<str>,
    pub(crate) message: Option<Arc<str>>,
    pub(crate) cause: Value,
}

/// An exception of that class with a message.
pub(crate) fn throw(class: &str, message: impl AsRef<str>) -> Fail {
    Fail::Throw(Value::object(Throwable {
        class: Arc::from(class),
        message: Some(Arc::from(message.as_ref())),
        cause: Value::Null,
    }))
}

/// An exception without a message.
pub(crate) fn throw_plain(class: &str) -> Fail {
    Fail::Throw(Value::object(Throwable {
        class: Arc::from(class),
        message: None,
        cause: Value::Null,
    }))
}

/// The exception that a value is, also as an object of a script's class that extends one.
pub(crate) fn thrown(value: &Value) -> Option<Throwable> {
    match value.native::<Throwable>() {
        Some(thrown) => Some(thrown.clone()),
        None => value
            .native::<crate::library::instance::Instance>()?
            .exception(),
    }
}

impl Throwable {
    pub(crate) fn line(&self) -> String {
        match &self.message {
            Some(message) => format!("{}: {message}", self.class),
            None => self.class.to_string(),
        }
    }
}

impl Native for Throwable {
    fn class_name(&self) -> Arc<str> {
        self.class.clone()
    }
    fn call(&self, cx: &mut Interp<'_>, me: &Value, name: u64, a: Args<'_>) -> Run {
        call(cx, (self, me), name, a)
    }
    fn text(&self, _cx: &mut Interp<'_>) -> Run<Option<String>> {
        Ok(Some(self.line()))
    }
}

methods! {
    fn call(cx, me: (&Throwable, &Value), a, name) -> METHODS;
    getMessage | getLocalizedMessage : 0 .. 0 => Ok(Value::from(me.0.message.clone()));
    getCause : 0 .. 0 => Ok(me.0.cause.clone());
    toString : 0 .. 0 => Ok(Value::from(me.0.line()));
    printStackTrace : 0 .. 1 => { let line = me.0.line(); match a.first() { Some(writer) => { cx.call_method(writer, &Name::new("println"), &[Value::from(line)])?; } None => cx.host.log(crate::host::LogLevel::Error, &line) } Ok(cx.void()) };
    getStackTrace | getSuppressed : 0 .. 0 => Ok(Value::array("java.lang.StackTraceElement", Vec::new()));
    initCause | setStackTrace | addSuppressed | fillInStackTrace : 0 .. 1 => Ok(me.1.clone());
}

fn new(cx: &mut Interp<'_>, class: &'static ClassInfo, a: Args<'_>) -> Run {
    let (message, cause) = match &a[..] {
        [] => (None, Value::Null),
        [cause] if thrown(cause).is_some() => {
            (thrown(cause).map(|t| Arc::from(t.line())), cause.clone())
        }
        [Value::Null] => (None, Value::Null),
        [message] if message.as_text().is_some() || class.name.ends_with("AssertionError") => {
            (Some(cx.java_text(message)?), Value::Null)
        }
        [message, cause] if cause.is_nothing() || thrown(cause).is_some() => (
            a.nullable_text(0)?.or_else(|| message.as_text().cloned()),
            cause.clone(),
        ),
        [_, Value::Int(_)] => (Some(a.text(0)?), Value::Null),
        _ => return Err(Fail::NoMethod),
    };
    cx.charge(message.as_ref().map_or(0, |message| message.len()))?;
    Ok(Value::object(Throwable {
        class: Arc::from(class.name),
        message,
        cause,
    }))
}

macro_rules! throwables {
    ($($name:literal : $parent:literal),* $(,)?) => {
        pub(crate) const CLASSES: &[ClassInfo] = &[
            $(ClassInfo::named($name).parents(&[$parent]).constructor(new).methods(&[METHODS]),)*
        ];
    };
}

throwables! {
    "java.lang.Throwable": "java.io.Serializable",
    "java.lang.Exception": "java.lang.Throwable",
    "java.lang.Error": "java.lang.Throwable",
    "java.lang.AssertionError": "java.lang.Error",
    "org.codehaus.groovy.runtime.powerassert.PowerAssertionError": "java.lang.AssertionError",
    "java.lang.StackOverflowError": "java.lang.Error",
    "java.lang.OutOfMemoryError": "java.lang.Error",
    "java.lang.RuntimeException": "java.lang.Exception",
    "java.lang.InterruptedException": "java.lang.Exception",
    "java.lang.CloneNotSupportedException": "java.lang.Exception",
    "java.lang.ReflectiveOperationException": "java.lang.Exception",
    "java.lang.ClassNotFoundException": "java.lang.ReflectiveOperationException",
    "java.lang.InstantiationException": "java.lang.ReflectiveOperationException",
    "java.lang.NoSuchFieldException": "java.lang.ReflectiveOperationException",
    "java.lang.NoSuchMethodException": "java.lang.ReflectiveOperationException",
    "java.lang.ArithmeticException": "java.lang.RuntimeException",
    "java.lang.ArrayStoreException": "java.lang.RuntimeException",
    "java.lang.ClassCastException": "java.lang.RuntimeException",
    "java.lang.IllegalArgumentException": "java.lang.RuntimeException",
    "java.lang.IllegalStateException": "java.lang.RuntimeException",
    "java.lang.NumberFormatException": "java.lang.IllegalArgumentException",
    "java.lang.IndexOutOfBoundsException": "java.lang.RuntimeException",
    "java.lang.ArrayIndexOutOfBoundsException": "java.lang.IndexOutOfBoundsException",
    "java.lang.StringIndexOutOfBoundsException": "java.lang.IndexOutOfBoundsException",
    "java.lang.NegativeArraySizeException": "java.lang.RuntimeException",
    "java.lang.NullPointerException": "java.lang.RuntimeException",
    "java.lang.SecurityException": "java.lang.RuntimeException",
    "java.lang.UnsupportedOperationException": "java.lang.RuntimeException",
    "java.util.ConcurrentModificationException": "java.lang.RuntimeException",
    "java.util.NoSuchElementException": "java.lang.RuntimeException",
    "java.util.InputMismatchException": "java.util.NoSuchElementException",
    "java.util.EmptyStackException": "java.lang.RuntimeException",
    "java.util.MissingResourceException": "java.lang.RuntimeException",
    "java.util.IllegalFormatException": "java.lang.IllegalArgumentException",
    "java.util.IllegalFormatConversionException": "java.util.IllegalFormatException",
    "java.util.MissingFormatArgumentException": "java.util.IllegalFormatException",
    "java.util.UnknownFormatConversionException": "java.util.IllegalFormatException",
    "java.util.regex.PatternSyntaxException": "java.lang.IllegalArgumentException",
    "java.util.zip.DataFormatException": "java.lang.Exception",
    "java.util.zip.ZipException": "java.io.IOException",
    "java.util.concurrent.TimeoutException": "java.lang.Exception",
    "java.util.concurrent.ExecutionException": "java.lang.Exception",
    "java.io.IOException": "java.lang.Exception",
    "java.io.EOFException": "java.io.IOException",
    "java.io.FileNotFoundException": "java.io.IOException",
    "java.io.UncheckedIOException": "java.lang.RuntimeException",
    "java.io.UnsupportedEncodingException": "java.io.IOException",
    "java.nio.file.NoSuchFileException": "java.io.IOException",
    "java.net.MalformedURLException": "java.io.IOException",
    "java.net.URISyntaxException": "java.lang.Exception",
    "java.net.SocketException": "java.io.IOException",
    "java.net.SocketTimeoutException": "java.io.IOException",
    "java.net.ConnectException": "java.net.SocketException",
    "java.net.UnknownHostException": "java.io.IOException",
    "java.text.ParseException": "java.lang.Exception",
    "java.time.DateTimeException": "java.lang.RuntimeException",
    "java.time.format.DateTimeParseException": "java.time.DateTimeException",
    "java.security.GeneralSecurityException": "java.lang.Exception",
    "java.security.NoSuchAlgorithmException": "java.security.GeneralSecurityException",
    "java.security.KeyException": "java.security.GeneralSecurityException",
    "java.security.InvalidKeyException": "java.security.KeyException",
    "java.security.InvalidAlgorithmParameterException": "java.security.GeneralSecurityException",
    "java.security.spec.InvalidKeySpecException": "java.security.GeneralSecurityException",
    "java.security.InvalidParameterException": "java.lang.IllegalArgumentException",
    "javax.crypto.NoSuchPaddingException": "java.security.GeneralSecurityException",
    "javax.crypto.IllegalBlockSizeException": "java.security.GeneralSecurityException",
    "javax.crypto.BadPaddingException": "java.security.GeneralSecurityException",
    "javax.crypto.AEADBadTagException": "javax.crypto.BadPaddingException",
    "java.sql.SQLException": "java.lang.Exception",
    "groovy.lang.GroovyRuntimeException": "java.lang.RuntimeException",
    "org.codehaus.groovy.control.CompilationFailedException": "groovy.lang.GroovyRuntimeException",
    "org.codehaus.groovy.control.MultipleCompilationErrorsException": "org.codehaus.groovy.control.CompilationFailedException",
    "groovy.lang.ReadOnlyPropertyException": "groovy.lang.MissingPropertyException",
    "groovy.lang.MissingPropertyException": "groovy.lang.GroovyRuntimeException",
    "groovy.lang.MissingMethodException": "groovy.lang.GroovyRuntimeException",
    "com.jayway.jsonpath.JsonPathException": "java.lang.RuntimeException",
    "com.jayway.jsonpath.InvalidPathException": "com.jayway.jsonpath.JsonPathException",
    "com.jayway.jsonpath.PathNotFoundException": "com.jayway.jsonpath.InvalidPathException",
    "org.apache.groovy.json.internal.Exceptions$JsonInternalException": "groovy.json.JsonException",
    "groovy.json.JsonException": "java.lang.RuntimeException",
    "org.codehaus.groovy.runtime.typehandling.GroovyCastException": "java.lang.ClassCastException",
    "org.xml.sax.SAXException": "java.lang.Exception",
    "org.xml.sax.SAXParseException": "org.xml.sax.SAXException",
    "org.apache.jmeter.util.JMeterStopThreadException": "java.lang.RuntimeException",
    "org.apache.jorphan.util.JMeterStopThreadException": "java.lang.RuntimeException",
    "org.apache.jorphan.util.JMeterStopTestException": "java.lang.RuntimeException",
}
