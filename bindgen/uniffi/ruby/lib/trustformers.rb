# frozen_string_literal: true

require 'ffi'
# IO#wait_readable, which Ruby 3.1 has there and the generated code calls.
require 'io/wait'

# Hugging Face models over the Rust engine of trustformers.
module Trustformers
  # Path of the native library: TRUSTFORMERS_LIBRARY, or the one beside this file.
  def self.library_path
    ENV.fetch('TRUSTFORMERS_LIBRARY') do
      name = "#{FFI::Platform::LIBPREFIX}trustformers_uniffi.#{FFI::Platform::LIBSUFFIX}"
      File.join(__dir__, 'trustformers', name)
    end
  end

  # The functions of the library, which run without the interpreter's lock: its threads may need the lock meanwhile.
  module UniFFILib
    extend FFI::Library

    def self.attach_function(*signature) = super(*signature, blocking: true)
  end
end

require_relative 'trustformers/bindings'

module Trustformers
  # A text while it is generated.
  class TextStream
    include Enumerable

    # Yields the pieces of the text; other threads of Ruby run meanwhile.
    def each
      return to_enum unless block_given?

      while (text = next_text_async)
        yield text
      end
    end
  end
end
