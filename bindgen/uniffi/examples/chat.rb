# frozen_string_literal: true

# Prints the answer to a message while it is generated: ruby chat.rb MODEL MESSAGE
require 'trustformers'
include Trustformers

generator = Generator.load(ARGV[0])
messages = [ChatMessage.new(role: 'user', content: ARGV[1])]
prompt = generator.tokenizer.apply_chat_template(messages, ChatOptions.new(add_generation_prompt: true))
options = GenerationOptions.new(max_new_tokens: 200, add_special_tokens: false)
generator.stream(prompt, options).each { |text| print text }
