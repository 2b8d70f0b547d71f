extension TextStream {
    /// The pieces of the text while it is generated; ending the iteration cancels the generation.
    public var texts: AsyncThrowingStream<String, Error> {
        AsyncThrowingStream { continuation in
            let reader = Task {
                do {
                    while let text = try await self.nextTextAsync() {
                        continuation.yield(text)
                    }
                    continuation.finish()
                } catch {
                    continuation.finish(throwing: error)
                }
            }
            continuation.onTermination = { _ in
                self.cancel()
                reader.cancel()
            }
        }
    }
}
