package org.trustformers.examples

import kotlinx.coroutines.runBlocking
import org.trustformers.*

/** Prints the answer to a message while it is generated: the arguments are a chat model and the message. */
object Chat {
    @JvmStatic
    fun main(arguments: Array<String>) = runBlocking {
        val generator = Generator.loadAsync(arguments[0])
        val messages = listOf(ChatMessage("user", arguments[1]))
        val prompt = generator.tokenizer().applyChatTemplate(messages, ChatOptions(addGenerationPrompt = true))
        val options = GenerationOptions(maxNewTokens = 200u, addSpecialTokens = false)
        generator.stream(prompt, options).texts().collect { print(it) }
    }
}
