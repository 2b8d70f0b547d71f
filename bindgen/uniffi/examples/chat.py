"""Prints the answer to a message while it is generated: python chat.py MODEL MESSAGE."""

import asyncio
import sys

import trustformers_uniffi as tf


async def main(model: str, message: str) -> None:
    generator = await tf.Generator.load_async(model)
    messages = [tf.ChatMessage(role="user", content=message)]
    prompt = generator.tokenizer().apply_chat_template(messages, tf.ChatOptions(add_generation_prompt=True))
    options = tf.GenerationOptions(max_new_tokens=200, add_special_tokens=False)
    async for text in generator.stream(prompt, options):
        print(text, end="", flush=True)


asyncio.run(main(*sys.argv[1:]))
