// Evaluates texts with JMeter's own functions and prints what came of each as a JSON object:
// `text`, `vars` and `times` as given, the `values` in turn (`null` with a `fault` where a function
// threw an exception), `malformed` for a text that JMeter cannot take apart, and in `changed` the
// variables that the text left behind, removed ones as null.

import groovy.json.JsonOutput
import groovy.json.JsonSlurper
import kg.apc.jmeter.functions.StrReplace
import kg.apc.jmeter.functions.StrReplaceRegex
import org.apache.jmeter.control.LoopController
import org.apache.jmeter.engine.util.CompoundVariable
import org.apache.jmeter.functions.InvalidVariableException
import org.apache.jmeter.samplers.SampleResult
import org.apache.jmeter.sampler.DebugSampler
import org.apache.jmeter.save.SaveService
import org.apache.jmeter.services.FileServer
import org.apache.jmeter.threads.JMeterContextService
import org.apache.jmeter.threads.JMeterVariables
import org.apache.jmeter.threads.ThreadGroup
import org.apache.jmeter.util.JMeterUtils

def home = System.getProperty('jmeter.home')
JMeterUtils.loadJMeterProperties("$home/bin/jmeter.properties")
JMeterUtils.setJMeterHome(home)
JMeterUtils.initLocale()
FileServer.fileServer.scriptName = 'plan.jmx'
// Version 2.1 of the plugin, the last in the public repository, gives both functions one name; here each
// has its own, as in later versions.
CompoundVariable.functions.putAll(__strReplace: StrReplace, __strReplaceRegex: StrReplaceRegex)

def body = '<a href="/x?id=17">Näme 1</a> <a href="/y?id=5&amp;p=2">two</a> <b>no link</b>'
def context = JMeterContextService.context
def result = SampleResult.createTestSample(1)
result.setResponseData(body, 'UTF-8')
context.previousResult = result
def sampler = new DebugSampler()
sampler.name = 'GET /'
context.currentSampler = sampler
context.threadNum = 6
def group = new ThreadGroup()
group.name = 'Visitors'
context.threadGroup = group

def standard = [x: 'X', y: 'Y', a: 'A', n: '1', a_1: 'av', t: 'n is ${n}', l: '1,2', e: '',
                b_matchNr: '1', b_1: '2', page: body]
new File(args[0]).readLines('UTF-8').findAll { it && !it.startsWith('#') }.each { line ->
    def given = line.startsWith('{"') ? new JsonSlurper().parseText(line) : [text: line]
    def answer = new LinkedHashMap(given)
    def properties = ['host': 'example.org', 'empty': '', 'spaced': ' v ']
    properties.each { name, value -> JMeterUtils.setProperty(name, value) }
    def folder = File.createTempDir()
    def variables = new JMeterVariables()
    (standard + (given.vars ?: [:]) + [folder: folder.path]).each { name, value ->
        variables.put(name, value)
    }
    variables.incIteration()
    def before = variables.entrySet().collectEntries { [it.key, it.value] }
    context.variables = variables
    try {
        def compound = new CompoundVariable()
        try {
            compound.setParameters(given.text)
            answer.values = (1..(given.times ?: 1)).collect {
                try {
                    // Where nothing refers to anything JMeter leaves the property alone.
                    def value = compound.hasFunction() ? compound.execute() : given.text
                    value.replace(folder.path, '<folder>')
                } catch (Throwable fault) {
                    answer.fault = fault.class.simpleName
                    null
                }
            }
        } catch (InvalidVariableException malformed) {
            answer.malformed = true
        } catch (Throwable fault) {
            // Some functions read parameters while the plan is made ready.
            answer.values = [null]
            answer.fault = fault.class.simpleName
        }
        def after = variables.entrySet().collectEntries { [it.key, it.value] }
        answer.changed = [:]
        (before.keySet() + after.keySet()).each { name ->
            if (before[name] != after[name]) {
                answer.changed[name] = after[name]?.toString()?.replace(folder.path, '<folder>')
            }
        }
    } finally {
        folder.deleteDir()
    }
    println(JsonOutput.toJson(answer))
}
