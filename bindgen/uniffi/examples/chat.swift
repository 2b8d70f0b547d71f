import Trustformers

/// Prints the answer to a message while it is generated: the arguments are a chat model and the message.
@main
struct Chat {
    static func main() async throws {
        let generator = try await Generator.loadAsync(nameOrPath: CommandLine.arguments[1])
        let messages = [ChatMessage(role: "user", content: CommandLine.arguments[2])]
        let options = ChatOptions(addGenerationPrompt: true)
        let prompt = try generator.tokenizer().applyChatTemplate(messages: messages, options: options)
        let generation = GenerationOptions(maxNewTokens: 200, addSpecialTokens: false)
        for try await text in try generator.stream(prompt: prompt, options: generation).texts {
            print(text, terminator: "")
        }
    }
}
