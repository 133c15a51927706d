// Runs plans one after the other in one Java process, as JMeter's command line would run each.
//
// Reads a line for each plan from standard input: plan file, results file, time limit in seconds and
// then `name=value` properties, separated by tabs. Answers each on standard output with `@done`,
// `@stopped` (the limit was reached) or `@failed message`; first of all it says `@ready`.

import kg.apc.jmeter.functions.StrReplace
import kg.apc.jmeter.functions.StrReplaceRegex
import org.apache.jmeter.JMeter
import org.apache.jmeter.control.ReplaceableController
import org.apache.jmeter.engine.StandardJMeterEngine
import org.apache.jmeter.engine.util.CompoundVariable
import org.apache.jmeter.gui.tree.JMeterTreeModel
import org.apache.jmeter.reporters.ResultCollector
import org.apache.jmeter.samplers.SampleSaveConfiguration
import org.apache.jmeter.save.SaveService
import org.apache.jmeter.services.FileServer
import org.apache.jmeter.threads.JMeterContextService
import org.apache.jmeter.util.JMeterUtils
import org.apache.jorphan.collections.HashTree
import org.apache.jorphan.collections.SearchByClass

def home = System.getProperty('jmeter.home')
JMeterUtils.loadJMeterProperties("$home/bin/jmeter.properties")
JMeterUtils.setJMeterHome(home)
JMeterUtils.initLocale()
// Settings that JMeter reads once, when its classes are loaded, are given to the whole process.
args.each { given ->
    def (name, value) = given.split('=', 2)
    JMeterUtils.setProperty(name, value)
}
def now = System.currentTimeMillis()
JMeterUtils.setProperty('START.MS', Long.toString(now))
JMeterUtils.setProperty('START.YMD', new Date(now).format('yyyyMMdd'))
JMeterUtils.setProperty('START.HMS', new Date(now).format('HHmmss'))
SaveService.loadProperties()
// Version 2.1 of the plugin, the last in the public repository, gives both functions one name; here each
// has its own, as in later versions.
CompoundVariable.functions.putAll(__strReplace: StrReplace, __strReplaceRegex: StrReplaceRegex)
def settings = JMeterUtils.getJMeterProperties()
def untouched = settings.clone()

// As JMeter's own start without a window does it.
prepare = { File file ->
    FileServer.getFileServer().setBaseForScript(file)
    HashTree tree = SaveService.loadTree(file)
    def model = new JMeterTreeModel(new Object())
    def root = model.getRoot()
    model.addSubTree(tree, root)
    def replaceable = new SearchByClass<ReplaceableController>(ReplaceableController)
    tree.traverse(replaceable)
    replaceable.getSearchResults().each { it.resolveReplacementSubTree(root) }
    JMeter.convertSubTree(tree, true)
}

collector = { String results ->
    def saved = new SampleSaveConfiguration(true)
    saved.setAsXml(true)
    // The name of this machine says nothing about a plan.
    saved.setHostname(false)
    def listener = new ResultCollector()
    listener.setSaveConfig(saved)
    listener.filename = results
    listener
}

run = { File plan, String results, int limit ->
    FileServer.getFileServer().resetBase()
    HashTree tree = prepare(plan)
    tree.add(tree.getArray()[0], collector(results))
    JMeterContextService.clearTotalThreads()
    def engine = new StandardJMeterEngine()
    engine.configure(tree)
    def stopped = false
    def watch = new Timer(true)
    watch.schedule({ stopped = true; engine.stopTest(true) } as TimerTask, limit * 1000L)
    try {
        engine.run()
    } finally {
        watch.cancel()
    }
    stopped ? '@stopped' : '@done'
}

println '@ready'
System.out.flush()
System.in.eachLine { line ->
    def fields = line.split('\t')
    settings.clear()
    settings.putAll(untouched)
    fields.drop(3).each { field ->
        def (name, value) = field.split('=', 2)
        settings.setProperty(name, value)
    }
    def said
    try {
        said = run(new File(fields[0]), fields[1], fields[2] as int)
    } catch (Throwable failure) {
        said = '@failed ' + failure.toString().readLines().join(' ')
    }
    println said
    System.out.flush()
}
System.exit(0)
