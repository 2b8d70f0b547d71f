/* The library gives the numbers of the reference. TRUSTFORMERS_CASES is the folder that prepare.py wrote. */

import java.io.File
import kotlin.concurrent.thread
import kotlin.math.abs
import kotlin.system.exitProcess
import kotlinx.coroutines.TimeoutCancellationException
import kotlinx.coroutines.async
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.trustformers.*

val cases = File(System.getenv("TRUSTFORMERS_CASES"))
val minilm = File(cases, "minilm.txt").readText()
const val TOLERANCE = 2e-4

fun lines(name: String) = File(cases, "$name.tsv").readText().removeSuffix("\n").split("\n").map { it.split("\t") }
fun path(name: String) = File(cases, "models/$name").path

fun <T> assertEqual(expected: T, found: T) = check(expected == found) { "expected $expected, found $found" }

fun assertNear(expected: List<Double>, found: List<Double>) {
    assertEqual(expected.size, found.size)
    expected.zip(found).forEach { (one, other) -> check(abs(one - other) < TOLERANCE) { "expected $one, found $other" } }
}

inline fun <reified E : Throwable> assertFails(message: Regex, work: () -> Unit) {
    try {
        work()
    } catch (error: Throwable) {
        check(error is E && message.containsMatchIn(error.message.orEmpty())) { "expected $message, found $error" }
        return
    }
    error("nothing was thrown, expected $message")
}

val encoder by lazy { Encoder.load(minilm) }
val tokenizer by lazy { Tokenizer.load(minilm) }
val generator by lazy { Generator.load(path("text_generation")) }

fun greedy(tokens: UInt) = GenerationOptions(doSample = false, maxNewTokens = tokens)
val endless = greedy(10_000_000u).copy(otherKeys = """{"eos_token_id": null}""")

fun residentMib() = File("/proc/self/statm").readText().split(" ")[1].toLong() * 4096.0 / (1 shl 20)

val tests: List<Pair<String, () -> Unit>> = listOf(
    "token ids are those of the reference" to {
        for (line in lines("tokens")) {
            val texts = line.dropLast(1)
            val encoding = if (texts.size == 1) tokenizer.encode(texts[0]) else tokenizer.encodePair(texts[0], texts[1])
            assertEqual(line.last().split(" ").map { it.toLong() }, encoding.inputIds)
        }
    },
    "batches are padded" to {
        val rows = tokenizer.encodeBatch(listOf("one", "one two three"), EncodeOptions(padding = Padding.LONGEST))
        assertEqual(listOf<Long>(1, 1, 1, 0, 0), rows[0].attentionMask)
        assertEqual("hello, world!", tokenizer.decode(tokenizer.encode("Hello, world!").inputIds, skipSpecialTokens = true))
    },
    "conversations are rendered" to {
        val template = ChatOptions(chatTemplate = "{{ messages[0].role }}: {{ messages[0].content }}")
        assertEqual("user: hello", tokenizer.applyChatTemplate(listOf(ChatMessage("user", "hello")), template))
    },
    "embeddings are those of the reference" to {
        val rows = lines("embeddings")
        val vectors = encoder.embed(rows.map { it[0] })
        rows.zip(vectors).forEach { (row, vector) ->
            assertNear(row[1].split(" ").map { it.toDouble() }, vector.map { it.toDouble() })
        }
        val (similar, other) = encoder.similarity(vectors.subList(2, 3), vectors.subList(3, 5))[0]
        check(similar > other)
    },
    "forward takes ids" to {
        Model.load(minilm, Head.BASE).use { model ->
            val output = model.forward(ModelInputs(listOf(listOf(101, 2053, 102))))
            assertEqual(listOf<ULong>(1u, 3u, 384u), output.lastHiddenState!!.shape)
            assertFails<TrustformersException.Input>(Regex("input_ids.*30522")) {
                model.forward(ModelInputs(listOf(listOf(30522))))
            }
        }
    },
    "classifiers" to {
        val (text, expected) = lines("text_classification")[0]
        val found = TextClassifier.load(path("text_classification")).classify(listOf(text))[0]
        val pairs = expected.split(" ").chunked(2)
        assertEqual(pairs.map { it[0] }, found.map { it.label })
        assertNear(pairs.map { it[1].toDouble() }, found.map { it.score.toDouble() })
        val (premise, labels, scores) = lines("zero_shot")[0]
        val ranked = ZeroShotClassifier.load(path("zero_shot")).classify(listOf(premise), labels.split("|"))[0]
        assertEqual(scores.split("|").map { it.substringBefore("=") }, ranked.map { it.label })
        assertNear(scores.split("|").map { it.substringAfter("=").toDouble() }, ranked.map { it.score.toDouble() })
    },
    "entities and answers" to {
        val (text, expected) = lines("token_classification")[0]
        val simple = TokenClassificationOptions(aggregationStrategy = AggregationStrategy.SIMPLE)
        val found = TokenClassifier.load(path("token_classification")).classify(listOf(text), simple)[0]
        val entities = expected.split(" ").chunked(4)
        assertEqual(entities.map { listOf(it[0], it[2], it[3]) }, found.map { listOf(it.label, "${it.span.start}", "${it.span.end}") })
        val (question, context, best) = lines("question_answering")[0]
        val three = QuestionAnsweringOptions(topK = 3u)
        val answer = QuestionAnswerer.load(path("question_answering")).answer(question, context, three)[0]
        assertEqual(best.split("|")[0], answer.answer)
        assertNear(listOf(best.split("|")[1].toDouble()), listOf(answer.score))
    },
    "generated texts are those of the reference" to {
        for ((prompt, expected) in lines("text_generation")) {
            assertEqual(expected, prompt + generator.generate(prompt, greedy(7u)).text)
        }
    },
    "streams are flows" to {
        val expected = generator.generate("the cat", greedy(60u))
        val pieces = runBlocking { generator.stream("the cat", greedy(60u)).texts().toList() }
        check(pieces.size > 3)
        assertEqual(expected.text, pieces.joinToString(""))
    },
    "a flow that is cut cancels the generation" to {
        val stream = generator.stream("the cat", endless)
        assertEqual(3, runBlocking { stream.texts().take(3).toList() }.size)
        while (stream.nextText() != null) { /* what was generated before the cancellation */ }
        assertEqual(FinishReason.CANCELLED, stream.finishReason())
    },
    "listeners get the text and cancel" to {
        val pieces = mutableListOf<String>()
        val caller = Thread.currentThread()
        val collector = object : TextListener {
            override fun onText(text: String): Boolean {
                check(Thread.currentThread() === caller)
                pieces += text
                return pieces.size < 3
            }
        }
        val generated = generator.streamTo("the cat", collector, endless)
        assertEqual(FinishReason.CANCELLED, generated.finishReason)
        check(generated.text.startsWith(pieces.take(3).joinToString("")))
    },
    "a listener that throws ends the call" to {
        val broken = object : TextListener {
            override fun onText(text: String): Boolean = error("the window was closed")
        }
        assertFails<TrustformersException.Input>(Regex("listener: .*the window was closed")) {
            generator.streamTo("the cat", broken, endless)
        }
    },
    "suspend functions" to {
        runBlocking {
            val texts = listOf("the cat", "hello", "and you").map { async { generator.generateAsync(it, greedy(40u)) } }
            assertEqual(generator.generate("the cat", greedy(40u)), texts[0].await())
            assertEqual(384, encoder.embedAsync(listOf("a"))[0].size)
            assertFails<TimeoutCancellationException>(Regex("")) {
                withTimeout(300) { generator.generateAsync("the cat", endless) }
            }
        }
        assertEqual(FinishReason.LENGTH, generator.generate("the cat", greedy(3u)).finishReason)
    },
    "threads share a model" to {
        val texts = List(8) { "sentence number $it" }
        val expected = encoder.embed(texts)
        val found = arrayOfNulls<List<Float>>(8)
        texts.indices.map { thread { repeat(5) { _ -> found[it] = encoder.embed(listOf(texts[it]))[0] } } }.forEach { it.join() }
        for (index in texts.indices) assertNear(expected[index].map { it.toDouble() }, found[index]!!.map { it.toDouble() })
    },
    "generators share a model that is loaded once" to {
        val copy = kotlin.io.path.createTempDirectory().toFile()
        File(path("text_generation")).copyRecursively(copy, overwrite = true)
        val model = Model.load(copy.path, Head.CAUSAL_LM)
        val words = Tokenizer.load(copy.path)
        copy.deleteRecursively()
        val (first, second) = listOf(Generator(model, words), Generator(model, words))
        model.close()
        val text = first.use { it.generate("the cat", greedy(7u)).text }
        assertEqual(text, second.generate("the cat", greedy(7u)).text)
    },
    "errors name the culprit" to {
        assertFails<TrustformersException.Hub>(Regex("nonexistent")) { Encoder.load("/nonexistent/model") }
        assertFails<TrustformersException.Input>(Regex("max_new_token")) {
            generator.generate("x", GenerationOptions(otherKeys = """{"max_new_token": 1}"""))
        }
        assertFails<TrustformersException.Input>(Regex("token_ids: -1")) { tokenizer.decode(listOf(-1)) }
        assertFails<TrustformersException.Unsupported>(Regex("cuda")) {
            Model.load(minilm, Head.BASE, LoadOptions(device = Device.Cuda(0u)))
        }
    },
    "ten thousand objects leave no memory" to {
        val model = Model.load(path("text_generation"), Head.CAUSAL_LM)
        val words = Tokenizer.load(path("text_generation"))
        val work = { count: Int ->
            repeat(count) {
                Generator(model, words).use { it.stream("the", greedy(1u)).close() }
                words.encode("the cat sat on the mat")
            }
        }
        // The heap of the JVM has one size here.
        work(4_000)
        System.gc()
        val before = residentMib()
        work(10_000)
        System.gc()
        val growth = residentMib() - before
        check(growth < 32) { "grew by $growth MiB" }
    },
)

/** Runs the tests whose names contain the argument, if there is one. */
fun main(arguments: Array<String>) {
    val selected = tests.filter { (name, _) -> arguments.all { it in name } }
    var failed = 0
    for ((name, test) in selected) {
        try {
            test()
            println("ok    $name")
        } catch (error: Throwable) {
            failed += 1
            println("FAIL  $name: $error")
        }
    }
    println("${selected.size - failed} passed, $failed failed")
    if (failed > 0 || selected.isEmpty()) exitProcess(1)
}
