// usage: groovy tests/tools/jenkins.groovy JENKINSFILE NAME=VALUE...
// Plays a Declarative Jenkinsfile as far as one needs to see what it does: parameters (with the values
// given), credentials (username and password are `user` and `s3cret-pass`), `env`, `sh` by a real `sh -xe`, and
// the result of the build. Prints each step, then `result: SUCCESS|UNSTABLE|FAILURE`. A second of `sleep` lasts $SECOND_MS
// milliseconds here (0).
import org.codehaus.groovy.control.CompilerConfiguration
import org.codehaus.groovy.control.customizers.ImportCustomizer

class BuildFailed extends Exception {
    BuildFailed(String message) { super(message) }
}

class Jenkins {
    Map params = [:]
    Map given = [:]
    Map credentials = [:]
    List path = []
    String result = 'SUCCESS'

    // Blocks that mean nothing here, agent or options for one, are walked through like any other.
    def methodMissing(String name, Object arguments) {
        def block = arguments && arguments[-1] instanceof Closure ? arguments[-1] : null
        if (block == null) {
            println "${path.join(' ')}: $name ${arguments as List}"
            return [(name): arguments ? arguments[0] : null]
        }
        path << name
        try {
            block.delegate = this
            block.resolveStrategy = Closure.DELEGATE_FIRST
            return block.call()
        } finally {
            path.pop()
        }
    }

    def string(Map parameter) { parameterValue(parameter) }
    def text(Map parameter) { parameterValue(parameter) }
    def booleanParam(Map parameter) { parameterValue(parameter) }
    def credentials(Map parameter) { parameterValue(parameter) }
    def parameterValue(Map parameter) {
        params[parameter.name] = given.getOrDefault(parameter.name, "${parameter.defaultValue == null ? '' : parameter.defaultValue}").toString()
    }

    def stages(Closure block) {
        try {
            methodMissing('stages', [block] as Object[])
        } catch (BuildFailed failure) {
            println "failed: ${failure.message}"
            result = 'FAILURE'
        } catch (ClassCastException failure) { // of a comparison, for one
            println "failed: $failure"
            result = 'FAILURE'
        }
    }

    def catchError(Map options, Closure block) {
        try {
            methodMissing('catchError', [block] as Object[])
        } catch (BuildFailed failure) {
            println "caught: ${failure.message}"
        }
    }

    // Imported by what is played: as a method of a delegate it would stand behind Groovy's own, of milliseconds.
    static void sleep(int seconds) { Thread.sleep(seconds * ((System.getenv('SECOND_MS') ?: '0') as long)) }

    def withCredentials(List bindings, Closure block) {
        bindings*.usernamePassword.each {
            credentials[it.usernameVariable] = 'user'
            credentials[it.passwordVariable] = 's3cret-pass'
        }
        try {
            methodMissing('withCredentials', [block] as Object[])
        } finally {
            credentials.clear()
        }
    }

    // `NAME = value` in an environment block.
    Map environment = [:]
    Map getEnv() { environment }
    def propertyMissing(String name) {
        if (!environment.containsKey(name)) {
            throw new MissingPropertyException(name, Jenkins)
        }
        return environment[name]
    }
    void setProperty(String name, Object value) {
        if (path && path[-1] == 'environment') {
            environment[name] = value.toString()
        } else {
            getMetaClass().setProperty(this, name, value)
        }
    }

    def writeFile(Map step) {
        def file = new File(step.file)
        file.parentFile?.mkdirs()
        file.text = step.text
    }

    def readProperties(Map step) {
        def properties = new Properties()
        new File(step.file).withReader { properties.load(it) }
        return properties
    }

    Map currentBuild = [:]

    def sh(String script) { sh(script: script) }
    def sh(Map step) {
        def script = File.createTempFile('script', '.sh')
        script.text = step.script
        def builder = new ProcessBuilder('sh', '-xe', script.path).redirectErrorStream(!step.returnStdout)
        builder.environment().putAll([BUILD_TAG: 'jenkins-publish-model-7'] + environment + params + credentials)
        def process = builder.start()
        process.outputStream.close()
        def output = new StringBuffer()
        def reader = step.returnStdout ? process.consumeProcessOutputStream(output) : null
        (step.returnStdout ? process.errorStream : process.inputStream).eachLine { println "sh: $it" }
        int status = process.waitFor()
        reader?.join()
        script.delete()
        if (step.returnStatus) {
            return status
        }
        if (status != 0) {
            throw new BuildFailed("script returned exit code $status")
        }
        return step.returnStdout ? output.toString() : null
    }

    def unstable(String message) {
        println "unstable: $message"
        result = 'UNSTABLE'
    }

    def error(String message) { throw new BuildFailed(message) }
}

def jenkins = new Jenkins()
args.tail().each { jenkins.given << [(it.tokenize('=')[0]): it.substring(it.indexOf('=') + 1)] }
def configuration = new CompilerConfiguration(scriptBaseClass: DelegatingScript.name)
configuration.addCompilationCustomizers(new ImportCustomizer().addStaticImport('Jenkins', 'sleep'))
def script = new GroovyShell(this.class.classLoader, new Binding(), configuration).parse(new File(args[0]))
script.setDelegate(jenkins)
script.run()
println "result: ${jenkins.result}"
