# frozen_string_literal: true

# Prints how similar two sentences are: ruby similarity.rb MODEL FIRST SECOND
require 'trustformers'

encoder = Trustformers::Encoder.load(ARGV[0])
first, second = encoder.embed(ARGV[1, 2])
puts encoder.similarity([first], [second])[0][0]
