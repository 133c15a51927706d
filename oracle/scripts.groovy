// Runs scripts as JMeter's elements would and prints what came of each as a JSON object: `id`, `lang`,
// `script`; `result` and `class`, or `exception`, `message` and, for BeanShell, `target`; `vars` that
// changed, `log`, `out`.

import groovy.json.JsonOutput
import groovy.json.JsonSlurper
import java.util.concurrent.Callable
import java.util.concurrent.Executors
import java.util.concurrent.TimeUnit
import java.util.concurrent.TimeoutException
import javax.script.Compilable
import javax.script.ScriptEngineManager
import javax.script.ScriptContext
import javax.script.ScriptException
import javax.script.SimpleBindings
import javax.script.SimpleScriptContext
import org.apache.commons.jexl3.JexlBuilder
import org.apache.commons.jexl3.MapContext
import org.apache.jmeter.assertions.AssertionResult
import org.apache.jmeter.protocol.http.control.Header
import org.apache.jmeter.protocol.http.control.HeaderManager
import org.apache.jmeter.protocol.http.sampler.HTTPSamplerProxy
import org.apache.jmeter.samplers.SampleResult
import org.apache.jmeter.threads.JMeterContextService
import org.apache.jmeter.threads.JMeterVariables
import org.apache.jmeter.util.JMeterUtils
import org.codehaus.groovy.runtime.InvokerHelper
import org.mozilla.javascript.Context
import org.mozilla.javascript.EcmaError
import org.mozilla.javascript.EvaluatorException
import org.mozilla.javascript.JavaScriptException
import org.mozilla.javascript.WrappedException
import org.slf4j.Logger
import org.slf4j.helpers.MessageFormatter

def home = System.getProperty('jmeter.home')
JMeterUtils.loadJMeterProperties("$home/bin/jmeter.properties")
JMeterUtils.setJMeterHome(home)
JMeterUtils.initLocale()

def body = '{"id":7,"items":[{"n":"x","v":1.5},{"n":"y","v":2}],"ok":true,"none":null}'
def engine = new ScriptEngineManager().getEngineByName('groovy')
def nashorn = new ScriptEngineManager().getEngineByName('nashorn')
def jexl = new JexlBuilder().cache(512).silent(true).strict(true).create()
def realOut = System.out

/** A logger that keeps its lines. */
Logger keeping(List lines) {
    def call = { proxy, method, args ->
        def level = method.name.toUpperCase()
        if (level in ['INFO', 'WARN', 'ERROR']) {
            def list = (args ?: []) as List
            // Calls with several values give them as one array.
            def values = list.size() == 2 && list[1] instanceof Object[] ? list[1] : list.drop(1) as Object[]
            lines << level + ' ' + MessageFormatter.arrayFormat(list[0] as String, values).message
            return null
        }
        if (method.name.startsWith('is')) return method.name in ['isInfoEnabled', 'isWarnEnabled', 'isErrorEnabled']
        return method.returnType == String ? 'log' : null
    }
    java.lang.reflect.Proxy.newProxyInstance(Logger.classLoader, [Logger] as Class[],
            call as java.lang.reflect.InvocationHandler) as Logger
}

/** The name of an error of JavaScript, whose words are the engine's own; class and message of one of Java. */
def of_javascript(thrown, told) {
    def name = thrown.getClass().name
    if (thrown instanceof WrappedException) {
        told.exception = thrown.wrappedException.getClass().name
        told.message = thrown.wrappedException.message
    } else if (thrown instanceof EcmaError) {
        told.exception = thrown.name
        told.message = null
    } else if (thrown instanceof EvaluatorException || name.endsWith('.ParserException')) {
        told.exception = 'SyntaxError'
        told.message = null
    } else if (thrown instanceof JavaScriptException) {
        told.exception = 'thrown'
        Context.enter()
        told.message = Context.toString(thrown.value)
        Context.exit()
    } else if (name.endsWith('.ECMAException')) {
        def text = thrown.message ?: ''
        def error = text =~ /^(\w*Error): /
        told.exception = error.find() && error.group(1) != 'Error' ? error.group(1) : 'thrown'
        told.message = told.exception == 'thrown' ? text : null
    }
}

def answer(given, body, engine, jexl, nashorn) {
    def sampler = new HTTPSamplerProxy()
    sampler.name = 'GET /p'
    sampler.domain = 'example.org'
    sampler.protocol = 'http'
    sampler.method = 'GET'
    sampler.path = '/p'
    sampler.addArgument('q', '1')
    def headers = new HeaderManager()
    headers.add(new Header('X-A', '1'))
    sampler.headerManager = headers
    def prev = new SampleResult()
    prev.sampleLabel = 'GET /'
    prev.setResponseData(body, 'UTF-8')
    prev.responseCode = '200'
    prev.responseMessage = 'OK'
    prev.successful = true
    prev.responseHeaders = 'HTTP/1.1 200 OK\nContent-Type: application/json\nX-Id: 5\n'
    def vars = new JMeterVariables()
    def standard = [a: '1', b: 'text', n: '42', json: body]
    // Texts of their own: those of this file are shared, and BeanShell compares them by identity.
    standard.each { name, value -> vars.put(name, new String(value)) }
    def before = vars.entrySet().collectEntries { [it.key, it.value] }
    def context = JMeterContextService.context
    context.variables = vars
    context.previousResult = prev
    context.currentSampler = sampler
    def lines = [], out = new ByteArrayOutputStream()
    def print = new PrintStream(out, true, 'UTF-8')
    def names = [vars: vars, props: JMeterUtils.JMeterProperties, log: keeping(lines), prev: prev, ctx: context,
                 sampler: sampler, Label: 'label', Parameters: 'p1 p2', args: ['p1', 'p2'] as String[], OUT: print,
                 AssertionResult: new AssertionResult('label'), SampleResult: prev, sampleResult: prev, FileName: '']
    def told = [id: given.id, lang: given.lang, script: given.script]
    if (given.zone) told.zone = given.zone
    TimeZone.setDefault(TimeZone.getTimeZone(given.zone ?: 'UTC'))
    def standardOut = System.out
    System.out = print
    try {
        def value
        switch (given.lang) {
            case 'groovy':
                def around = new SimpleScriptContext()
                around.setBindings(new SimpleBindings(names), ScriptContext.ENGINE_SCOPE)
                around.writer = new PrintWriter(print, true)
                value = ((Compilable) engine).compile(given.script).eval(around)
                break
            case 'bsh':
                def interpreter = new bsh.Interpreter()
                (names + [bsh: null]).each { name, it -> if (it != null) interpreter.set(name, it) }
                interpreter.out = print
                value = interpreter.eval(given.script)
                break
            case 'rhino':
                // As JMeter's function `__javaScript` has it.
                def cx = Context.enter()
                try {
                    def scope = cx.initStandardObjects(null)
                    names.findAll { it.value != null }.each { name, it -> scope.put(name, scope, it) }
                    value = Context.toString(cx.evaluateString(scope, given.script, '<cmd>', 1, null))
                } finally {
                    Context.exit()
                }
                break
            case 'nashorn':
                def around = new SimpleScriptContext()
                around.setBindings(nashorn.createBindings(), ScriptContext.ENGINE_SCOPE)
                around.getBindings(ScriptContext.ENGINE_SCOPE).putAll(names)
                around.writer = new PrintWriter(print, true)
                value = ((Compilable) nashorn).compile(given.script).eval(around)
                break
            default:
                value = jexl.createScript(given.script).execute(new MapContext(names + [threadName: 'Thread Group 1-1']))
        }
        told.result = given.lang == 'nashorn' ? String.valueOf(value) : InvokerHelper.toString(value)
        told.class = value == null ? 'null' : value.getClass().name
    } catch (Throwable thrown) {
        def cause = thrown
        while (cause instanceof ScriptException && cause.cause != null) cause = cause.cause
        told.exception = cause.getClass().name
        told.message = cause.message
        if (given.lang in ['rhino', 'nashorn']) of_javascript(cause, told)
        if (cause instanceof bsh.TargetError) {
            told.target = cause.target.getClass().name + ': ' + cause.target.message
        }
    } finally {
        System.out = standardOut
    }
    def after = vars.entrySet().collectEntries { [it.key, it.value] }
    told.vars = [:]
    (before.keySet() + after.keySet()).sort().each { name ->
        if (before[name] != after[name] || before.containsKey(name) != after.containsKey(name)) {
            def value = after[name]
            told.vars[name] = !after.containsKey(name) || value == null ? '<removed>' : value instanceof String ? value :
                    InvokerHelper.toString(value) + " <${value.getClass().name}>".toString()
        }
    }
    told.log = lines
    told.out = out.toString('UTF-8')
    told
}

def cases = []
args.drop(1).sort().each { path ->
    def file = new File(path)
    def (name, lang) = file.name.tokenize('.')
    file.getText('UTF-8').split(/(?m)^#### /).drop(1).each { part ->
        def (head, script) = part.split('\n', 2)
        // `#### name @Europe/Berlin`: in the default time zone of that name instead of UTC.
        def (id, zone) = head.trim().split(' @', 2) + [null]
        cases << [id: "$name.$lang/$id".toString(), lang: lang, script: script.trim(), zone: zone]
    }
}
new File(args[0]).eachLine('UTF-8') { cases << new JsonSlurper().parseText(it) }

def pool = Executors.newCachedThreadPool { task ->
    // Scripts that recurse without end need a bounded stack as in JMeter.
    def thread = new Thread(null, task, 'script', 1 << 20)
    thread.daemon = true
    thread
}
cases.each { given ->
    def work = pool.submit({ answer(given, body, engine, jexl, nashorn) } as Callable)
    def told
    try {
        told = work.get(20, TimeUnit.SECONDS)
    } catch (TimeoutException slow) {
        told = [id: given.id, lang: given.lang, script: given.script, exception: 'timeout']
    }
    // Answers name no place of this machine.
    realOut.println(JsonOutput.toJson(told).replace(System.getProperty('user.dir'), '<folder>'))
}
realOut.flush()
System.exit(0)
