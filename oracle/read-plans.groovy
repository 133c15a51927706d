// Loads plans with JMeter's own SaveService and prints the settings of their enabled elements.
//
// Settings are printed as JMeter's getters give them, before any reference is evaluated. Elements
// of classes that are not installed (plugins) are read as if they were empty config elements: what
// stands below them is read all the same.

import org.apache.jmeter.assertions.Assertion
import org.apache.jmeter.assertions.ResponseAssertion
import org.apache.jmeter.config.Arguments
import org.apache.jmeter.config.ConfigTestElement
import org.apache.jmeter.config.CSVDataSet
import org.apache.jmeter.control.IfController
import org.apache.jmeter.control.LoopController
import org.apache.jmeter.control.TransactionController
import org.apache.jmeter.extractor.RegexExtractor
import org.apache.jmeter.extractor.json.jsonpath.JSONPostProcessor
import org.apache.jmeter.protocol.http.control.HeaderManager
import org.apache.jmeter.protocol.http.sampler.HTTPSamplerProxy
import org.apache.jmeter.save.SaveService
import org.apache.jmeter.testelement.TestElement
import org.apache.jmeter.testelement.TestPlan
import org.apache.jmeter.threads.ThreadGroup
import org.apache.jmeter.timers.ConstantTimer
import org.apache.jmeter.timers.GaussianRandomTimer
import org.apache.jmeter.timers.UniformRandomTimer
import org.apache.jmeter.util.JMeterUtils

def home = System.getProperty('jmeter.home')
JMeterUtils.loadJMeterProperties("$home/bin/jmeter.properties")
JMeterUtils.setJMeterHome(home)
JMeterUtils.initLocale()
SaveService.loadProperties()

escaped = { text ->
    (text == null ? '' : text.toString())
        .replace('\\', '\\\\').replace('\n', '\\n').replace('\r', '\\r').replace('\t', '\\t')
}
text = { element, property -> escaped(element.getPropertyAsString(property)) }
flag = { element, property -> element.getPropertyAsBoolean(property, false) }
items = { element, property ->
    def list = element.getProperty(property).objectValue
    list == null ? [] : list.iterator().collect { it.objectValue }
}

http = { request ->
    [
        ['protocol', 'domain', 'port', 'path', 'method', 'contentEncoding', 'connect_timeout',
         'response_timeout'].collect { text(request, "HTTPSampler.$it") },
        ['follow_redirects', 'auto_redirects', 'use_keepalive', 'postBodyRaw', 'DO_MULTIPART_POST',
         'BROWSER_COMPATIBLE_MULTIPART'].collect { flag(request, "HTTPSampler.$it") },
        items(request, 'HTTPsampler.Arguments').collect {
            [escaped(it.name), escaped(it.metaData), escaped(it.value),
             flag(it, 'HTTPArgument.always_encode'), text(it, 'HTTPArgument.content_type')].join('|')
        },
        items(request, 'HTTPsampler.Files').collect {
            [it.path, it.paramName, it.mimeType].collect(escaped).join('|')
        },
    ].flatten()
}

scope = { element ->
    def name = text(element, element instanceof Assertion ? 'Assertion.scope' : 'Sample.scope')
    name == 'variable' ? "variable ${text(element, 'Scope.variable')}"
        : name in ['all', 'children'] ? name : 'parent'
}

searchedField = { extractor ->
    extractor.useUrl() ? 'url' : extractor.useHeaders() ? 'response headers'
        : extractor.useRequestHeaders() ? 'request headers' : extractor.useCode() ? 'code'
        : extractor.useMessage() ? 'message' : extractor.useUnescapedBody() ? 'unescaped body'
        : extractor.useBodyAsDocument() ? 'document' : 'body'
}

judgedField = { assertion ->
    assertion.testFieldResponseData ? 'body' : assertion.testFieldResponseCode ? 'code'
        : assertion.testFieldResponseMessage ? 'message'
        : assertion.testFieldResponseHeaders ? 'response headers'
        : assertion.testFieldRequestHeaders ? 'request headers'
        : assertion.testFieldRequestData ? 'request data'
        : assertion.testFieldResponseDataAsDocument ? 'document' : 'url'
}

// Kind and settings of an element; null for one whose settings are not compared. A class stands
// for its subclasses too, so those come first.
describe = { element ->
    switch (element.class) {
        case TestPlan:
            return ['plan', element.serialized, element.tearDownOnShutdown]
        case { it == ThreadGroup || it.superclass == ThreadGroup }:
            def main = element.getProperty('ThreadGroup.main_controller').objectValue
            def forever = flag(main, 'LoopController.continue_forever') && main.loopString != '0'
            return ['thread group', element.class.simpleName,
                    text(element, 'ThreadGroup.num_threads'), text(element, 'ThreadGroup.ramp_time'),
                    forever ? '-1' : escaped(main.loopString),
                    element.scheduler ? text(element, 'ThreadGroup.delay') : '',
                    element.scheduler ? text(element, 'ThreadGroup.duration') : '',
                    flag(element, 'ThreadGroup.delayedStart'),
                    text(element, 'ThreadGroup.on_sample_error'), element.sameUserOnNextIteration]
        case HTTPSamplerProxy:
            return ['request', *http(element)]
        case HeaderManager:
            // Rows without name and value are not sent.
            def headers = items(element, 'HeaderManager.headers')
            return ['headers', *headers.findAll { it.name || it.value }
                .collect { "${escaped(it.name)}: ${escaped(it.value)}" }]
        case CSVDataSet:
            return ['data', text(element, 'filename'), text(element, 'fileEncoding'),
                    text(element, 'variableNames'), text(element, 'delimiter') ?: ',',
                    *['ignoreFirstLine', 'quotedData', 'recycle', 'stopThread']
                        .collect { flag(element, it) },
                    text(element, 'shareMode') ?: 'shareMode.all']
        case ConfigTestElement:
            def gui = text(element, TestElement.GUI_CLASS)
            return gui.endsWith('HttpDefaultsGui') ? ['defaults', *http(element)] : null
        case { it == ConstantTimer }:
            return ['constant timer', escaped(element.delay)]
        case UniformRandomTimer:
            return ['uniform timer', escaped(element.delay), text(element, 'RandomTimer.range')]
        case GaussianRandomTimer:
            return ['gaussian timer', escaped(element.delay), text(element, 'RandomTimer.range')]
        case RegexExtractor:
            return ['regex', scope(element), searchedField(element),
                    *[element.refName, element.regex, element.template, element.defaultValue,
                      element.matchNumberAsString].collect(escaped), element.emptyDefaultValue]
        case JSONPostProcessor:
            return ['json', scope(element),
                    *[element.refNames, element.jsonPathExpressions, element.defaultValues,
                      element.matchNumbers].collect(escaped), element.computeConcatenation]
        case ResponseAssertion:
            def rule = element.containsType ? 'contains' : element.equalsType ? 'equals'
                : element.substringType ? 'substring' : 'matches'
            return ['assertion', scope(element), judgedField(element), rule, element.notType,
                    element.orType, element.assumeSuccess, escaped(element.customFailureMessage),
                    *element.testStrings.iterator().collect { escaped(it.stringValue) }]
        case LoopController:
            return ['loop', escaped(element.loopString),
                    flag(element, 'LoopController.continue_forever')]
        case TransactionController:
            return ['transaction', element.generateParentSample, element.includeTimers]
        case IfController:
            return ['if', element.useExpression, escaped(element.condition.trim()),
                    element.evaluateAll]
    }
    null
}

walk = { file, tree ->
    tree.list().findAll { it.enabled && it.class.simpleName != 'WorkBench' }.each { element ->
        def description = describe(element)
        if (description != null) {
            println([file, description[0], escaped(element.name), *description.drop(1)].join('\t'))
        }
        def lists = element instanceof TestPlan
            ? [element.getProperty('TestPlan.user_defined_variables').objectValue]
            : element.class == Arguments ? [element] : []
        lists.findAll { it != null }.each { list ->
            list.argumentsAsMap.each { name, value ->
                println([file, 'variable', escaped(name), escaped(value)].join('\t'))
            }
        }
        walk(file, tree.getTree(element))
    }
}

// Loads a plan, with stand-ins for elements of classes that are not installed.
load = { File file ->
    def xml = file.getText('UTF-8')
    def copy = File.createTempFile('plan', '.jmx')
    try {
        while (true) {
            copy.setText(xml, 'UTF-8')
            try {
                return SaveService.loadTree(copy)
            } catch (IllegalArgumentException failure) {
                def missing = (failure.message =~ /CannotResolveClassException: (\S+)/)
                if (!missing.find()) {
                    return null
                }
                def className = missing.group(1)
                def alias = SaveService.@classToAlias.getProperty(className)
                def tag = [className, className.tokenize('.').last(), alias]
                    .find { it != null && xml.contains("<$it ") }
                if (tag == null) {
                    return null
                }
                xml = xml.replace("<$tag ", '<ConfigTestElement ')
                    .replace("</$tag>", '</ConfigTestElement>')
            }
        }
    } finally {
        copy.delete()
    }
}

args.collect { new File(it) }.sort { it.name }.each { file ->
    def tree = load(file)
    if (tree == null) {
        println([file.name, 'not loaded', '', ''].join('\t'))
    } else {
        walk(file.name, tree)
    }
}
