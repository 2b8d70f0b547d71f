package org.trustformers

import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow

/** The pieces of a text while it is generated; cancelling the collection cancels the generation. */
fun TextStream.texts(): Flow<String> = flow {
    try {
        while (true) emit(nextTextAsync() ?: break)
    } finally {
        cancel()
    }
}
