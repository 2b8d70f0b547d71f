package org.trustformers.examples

import org.trustformers.Encoder

/** Prints how similar two sentences are: the arguments are a model and the sentences. */
fun main(arguments: Array<String>) {
    val (model, first, second) = arguments
    Encoder.load(model).use { encoder ->
        val vectors = encoder.embed(listOf(first, second))
        println(encoder.similarity(vectors.take(1), vectors.drop(1))[0][0])
    }
}
