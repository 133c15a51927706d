// Runs the cases of golden files through JMeter's own extractors and assertions and writes the answers behind the
// inputs. The first argument is the folder of the bodies that cases name; the others are the files.

import groovy.json.JsonOutput
import groovy.json.JsonSlurper
import org.apache.jmeter.assertions.*
import org.apache.jmeter.assertions.jmespath.JMESPathAssertion
import org.apache.jmeter.extractor.*
import org.apache.jmeter.extractor.json.jmespath.JMESPathExtractor
import org.apache.jmeter.extractor.json.jsonpath.JSONPostProcessor
import org.apache.jmeter.samplers.SampleResult
import org.apache.jmeter.threads.JMeterContextService
import org.apache.jmeter.threads.JMeterVariables
import org.apache.jmeter.util.JMeterUtils
import org.apache.logging.log4j.Level
import org.apache.logging.log4j.core.config.Configurator
import org.apache.oro.text.regex.*

def home = System.getProperty('jmeter.home')
JMeterUtils.loadJMeterProperties("$home/bin/jmeter.properties")
JMeterUtils.setJMeterHome(home)
JMeterUtils.setLocale(Locale.US)
Configurator.setRootLevel(Level.OFF)
context = JMeterContextService.context
folder = new File(args[0])

bodies = [STORE: 'store.json', PAGE: 'page.html']
body = { given -> bodies[given] ? new File(folder, bodies[given]).getText('UTF-8') : (given ?: '') }

// JMeter's result that a case describes.
result = { row ->
    // Two sizes that can be set as a case wants them.
    def sample = row.headers_size == null ? new SampleResult() : new SampleResult() {
        int getHeadersSize() { row.headers_size }
        long getBodySizeAsLong() { row.body_size }
        long getBytesAsLong() { row.headers_size + row.body_size }
    }
    if (row.elapsed != null) {
        sample.setStampAndTime(System.currentTimeMillis(), row.elapsed)
    }
    sample.setResponseData(body(row.body), 'UTF-8')
    sample.responseCode = row.code ?: '200'
    sample.responseMessage = row.message_in ?: (row.kind in ['regex', 'boundary'] ? row.message : null) ?: 'OK'
    sample.responseHeaders = row.headers ?: ''
    sample.successful = true
    sample
}

// An element with the settings of a case: JMeter's own (`props`), or short names for them.
settings = { element, row, Map shortNames ->
    row.props?.each { name, value -> element.setProperty(name, value) }
    shortNames.each { name, property ->
        if (row[name] != null) element.setProperty(property, row[name])
    }
    if (row.scope_variable != null) {
        element.setProperty(element instanceof Assertion ? 'Assertion.scope' : 'Sample.scope', 'variable')
        element.setProperty('Scope.variable', row.scope_variable)
    }
    element.name = row.name ?: 'element'
    element.threadContext = context
    element
}

extractors = [
    regex: { row ->
        def element = settings(new RegexExtractor(), row, [regex: 'RegexExtractor.regex',
            template: 'RegexExtractor.template', default: 'RegexExtractor.default',
            field: 'RegexExtractor.useHeaders', match: 'RegexExtractor.match_number'])
        element.refName = row.ref ?: 'v'
        element.defaultEmptyValue = row.default_empty == 'true'
        element
    },
    json: { row ->
        def element = settings(new JSONPostProcessor(), row, [path: 'JSONPostProcessor.jsonPathExprs',
            match: 'JSONPostProcessor.match_numbers'])
        element.refNames = row.ref ?: 'v'
        element.defaultValues = row.default == null ? 'NONE' : row.default
        element.computeConcatenation = row.concat == 'true'
        element
    },
    boundary: { row -> settings(new BoundaryExtractor(), row, [:]) },
    html: { row -> settings(new HtmlExtractor(), row, [:]) },
    xpath: { row -> settings(new XPathExtractor(), row, [:]) },
    xpath2: { row -> settings(new XPath2Extractor(), row, [:]) },
    jmes: { row -> settings(new JMESPathExtractor(), row, [:]) },
]

assertions = [
    assertion: { row ->
        def element = settings(new ResponseAssertion(), row, [field: 'Assertion.test_field',
            type: 'Assertion.test_type', custom: 'Assertion.custom_message'])
        if (row.field == null) element.setTestFieldResponseData()
        row.patterns.each { element.addTestString(it) }
        element
    },
    duration: { row -> settings(new DurationAssertion(), row, [:]) },
    size: { row -> settings(new SizeAssertion(), row, [:]) },
    json: { row -> settings(new JSONPathAssertion(), row, [:]) },
    md5: { row -> settings(new MD5HexAssertion(), row, [:]) },
    xpath_assertion: { row -> settings(new XPathAssertion(), row, [:]) },
    xpath2_assertion: { row -> settings(new XPath2Assertion(), row, [:]) },
    xml: { row -> settings(new XMLAssertion(), row, [:]) },
    jmes: { row -> settings(new JMESPathAssertion(), row, [:]) },
]

own = ['START_SAMPLE_TIME', 'TESTSTART.MS'] as Set

variables = { row ->
    def variables = new JMeterVariables()
    row.vars?.each { name, value -> variables.put(name, value) }
    context.variables = variables
    // HtmlExtractor keeps the page of a sample there.
    context.samplerContext.clear()
    variables
}

// The variables an extractor leaves behind; `lost` when its exception loses the sample.
extract = { row ->
    def variables = variables(row)
    context.previousResult = result(row)
    def answer = [:]
    try {
        extractors[row.kind](row).process()
    } catch (Exception lost) {
        answer.lost = true
    }
    def after = [:] as TreeMap
    variables.entrySet().each { if (!(it.key in own) && it.value != null) after[it.key] = it.value }
    [after: after] + answer
}

judge = { row ->
    variables(row)
    def sample = result(row)
    context.previousResult = sample
    try {
        def verdict = assertions[row.kind](row).getResult(sample)
        [failed: verdict.failure, error: verdict.error, message: verdict.failureMessage]
    } catch (Exception thrown) {
        // As JMeter's thread treats it.
        [failed: true, error: true, message: thrown.message, thrown: thrown.class.name]
    }
}

// Up to eight matches of ORO with their groups, or why it rejects the pattern, and whether the whole text matches.
oro = { List row ->
    def known = row.size() > 4 ? [row[4]] : []
    def pattern
    try {
        pattern = new Perl5Compiler().compile(row[0])
    } catch (MalformedPatternException rejected) {
        return [row[0], row[1], rejected.message, false] + known
    }
    def matcher = new Perl5Matcher()
    def input = new PatternMatcherInput(row[1])
    def found = []
    while (found.size() < 8 && matcher.contains(input, pattern)) {
        def match = matcher.match
        found << (0..<match.groups()).collect { match.group(it) }
    }
    [row[0], row[1], found, new Perl5Matcher().matches(row[1], pattern)] + known
}


// As Python's json.dumps writes it, in one line.
show = { value, String comma, String colon ->
    switch (value) {
        case Map: return '{' + value.collect { k, v -> show(k, comma, colon) + colon + show(v, comma, colon) }
            .join(comma) + '}'
        case List: return '[' + value.collect { show(it, comma, colon) }.join(comma) + ']'
        case CharSequence: return quoted(value.toString())
        default: return JsonOutput.toJson(value)
    }
}

quoted = { String text ->
    def out = new StringBuilder('"')
    text.codePoints().forEach { code ->
        def character = Character.toString(code)
        switch (character) {
            case '"': out << '\\"'; break
            case '\\': out << '\\\\'; break
            case '\n': out << '\\n'; break
            case '\r': out << '\\r'; break
            case '\t': out << '\\t'; break
            case '\b': out << '\\b'; break
            case '\f': out << '\\f'; break
            default:
                def hidden = Character.isISOControl(code) || Character.isSpaceChar(code) && code != 32
                // Half a character, which ORO finds, is written as Java encodes it.
                if (code in 0xd800..0xdfff) character = '?'
                out << (hidden ? String.format('\\u%04X', code) : character)
        }
    }
    (out << '"').toString()
}

args.drop(1).collect { new File(it) }.each { file ->
    def judging = file.name in ['assertions.jsonl', 'judgements.jsonl']
    def answers = judging ? ['failed', 'error', 'message', 'thrown'] : ['after', 'lost']
    def lines = file.readLines('UTF-8').findAll { it }.collect { line ->
        def row = new JsonSlurper().parseText(line)
        if (row instanceof List) return show(oro(row), ',', ':')
        def inputs = row.findAll { name, value -> !(name in answers) && name != 'known' }
        def shown = inputs + (judging ? judge(row) : extract(row))
        if (row.known != null) shown.known = row.known
        show(shown, ', ', ': ')
    }
    file.setText(lines.join('\n') + '\n', 'UTF-8')
    System.err.println("oracle: ${lines.size()} cases in ${file.name}")
}
