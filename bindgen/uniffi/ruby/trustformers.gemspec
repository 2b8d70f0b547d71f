# frozen_string_literal: true

Gem::Specification.new do |gem|
  gem.name = 'trustformers'
  gem.version = File.read(File.join(__dir__, 'VERSION')).strip
  gem.summary = 'Hugging Face models over the Rust engine of trustformers'
  gem.authors = ['The trustformers authors']
  gem.license = 'Apache-2.0'
  gem.files = Dir['lib/**/*', base: __dir__]
  # The native library is for one system.
  gem.platform = Gem::Platform::CURRENT
  gem.required_ruby_version = '>= 3.1'
  gem.add_dependency 'ffi', '~> 1.15'
end
