# frozen_string_literal: true

# The gem gives the numbers of the reference. TRUSTFORMERS_CASES is the folder that prepare.py wrote.

require 'minitest/autorun'
require 'tmpdir'
require 'trustformers'

class TrustformersTest < Minitest::Test
  CASES = ENV.fetch('TRUSTFORMERS_CASES')
  MINILM = File.read(File.join(CASES, 'minilm.txt'))
  TOLERANCE = 2e-4
  Error = Trustformers::TrustformersError

  def self.encoder = @encoder ||= Trustformers::Encoder.load(MINILM)
  def self.tokenizer = @tokenizer ||= Trustformers::Tokenizer.load(MINILM)
  def self.generator = @generator ||= Trustformers::Generator.load(path('text_generation'))
  def self.path(name) = File.join(CASES, 'models', name)

  def encoder = self.class.encoder
  def tokenizer = self.class.tokenizer
  def generator = self.class.generator
  def path(name) = self.class.path(name)

  def lines(name)
    File.read(File.join(CASES, "#{name}.tsv"), encoding: 'UTF-8').chomp("\n").split("\n").map { |line| line.split("\t", -1) }
  end

  def options(**keys) = Trustformers::GenerationOptions.new(do_sample: false, **keys)
  def endless = options(max_new_tokens: 10_000_000, other_keys: '{"eos_token_id": null}')

  def assert_near(expected, found)
    assert_equal expected.length, found.length
    expected.zip(found).each { |one, other| assert_in_delta one, other, TOLERANCE }
  end

  def test_token_ids_are_those_of_the_reference
    lines('tokens').each do |*texts, ids|
      encoding = texts.length == 1 ? tokenizer.encode(*texts) : tokenizer.encode_pair(*texts)
      assert_equal ids.split(' ').map(&:to_i), encoding.input_ids
    end
  end

  def test_batches_are_padded
    longest = Trustformers::EncodeOptions.new(padding: Trustformers::Padding::LONGEST)
    rows = tokenizer.encode_batch(['one', 'one two three'], longest)
    assert_equal [1, 1, 1, 0, 0], rows[0].attention_mask
    assert_equal 'hello, world!', tokenizer.decode(tokenizer.encode('Hello, world!').input_ids, true)
  end

  def test_conversations_are_rendered
    messages = [Trustformers::ChatMessage.new(role: 'user', content: 'hello')]
    template = Trustformers::ChatOptions.new(chat_template: '{{ messages[0].role }}: {{ messages[0].content }}')
    assert_equal 'user: hello', tokenizer.apply_chat_template(messages, template)
  end

  def test_embeddings_are_those_of_the_reference
    rows = lines('embeddings')
    vectors = encoder.embed(rows.map(&:first))
    rows.zip(vectors).each { |(_, expected), vector| assert_near expected.split(' ').map(&:to_f), vector }
    similar, other = encoder.similarity(vectors[2, 1], vectors[3, 2])[0]
    assert_operator similar, :>, other
  end

  def test_forward_takes_ids
    model = Trustformers::Model.load(MINILM, Trustformers::Head::BASE)
    output = model.forward(Trustformers::ModelInputs.new(input_ids: [[101, 2053, 102]]))
    assert_equal [1, 3, 384], output.last_hidden_state.shape
    error = assert_raises(Error::Input) { model.forward(Trustformers::ModelInputs.new(input_ids: [[30_522]])) }
    assert_match(/input_ids.*30522/, error.message)
  end

  def test_classifiers
    text, expected = lines('text_classification').first
    words = expected.split(' ')
    found = Trustformers::TextClassifier.load(path('text_classification')).classify([text])[0]
    assert_equal words.each_slice(2).map(&:first), found.map(&:label)
    assert_near words.each_slice(2).map { |_, score| score.to_f }, found.map(&:score)

    text, labels, expected = lines('zero_shot').first
    pairs = expected.split('|').map { |pair| pair.split('=') }
    found = Trustformers::ZeroShotClassifier.load(path('zero_shot')).classify([text], labels.split('|'))[0]
    assert_equal pairs.map(&:first), found.map(&:label)
    assert_near pairs.map { |_, score| score.to_f }, found.map(&:score)
  end

  def test_entities_and_answers
    text, expected = lines('token_classification').first
    simple = Trustformers::TokenClassificationOptions.new(aggregation_strategy: Trustformers::AggregationStrategy::SIMPLE)
    found = Trustformers::TokenClassifier.load(path('token_classification')).classify([text], simple)[0]
    spans = found.flat_map { |entity| [entity.label, entity.span.start.to_s, entity.span._end.to_s] }
    assert_equal(expected.split(' ').each_slice(4).flat_map { |label, _, first, last| [label, first, last] }, spans)

    question, context, best = lines('question_answering').first
    three = Trustformers::QuestionAnsweringOptions.new(top_k: 3)
    answer = Trustformers::QuestionAnswerer.load(path('question_answering')).answer(question, context, three)[0]
    text, score, = best.split('|')
    assert_equal text, answer.answer
    assert_in_delta score.to_f, answer.score, TOLERANCE
  end

  def test_generated_texts_are_those_of_the_reference
    lines('text_generation').each do |prompt, expected|
      assert_equal expected, prompt + generator.generate(prompt, options(max_new_tokens: 7)).text
    end
  end

  def test_streams_are_enumerable
    expected = generator.generate('the cat', options(max_new_tokens: 60))
    stream = generator.stream('the cat', options(max_new_tokens: 60))
    pieces = stream.to_a
    assert_operator pieces.length, :>, 3
    assert_equal expected.text, pieces.join
    assert_equal expected.finish_reason, stream.finish_reason
    assert_equal expected.text, generator.generate_async('the cat', options(max_new_tokens: 60)).text
  end

  def test_a_stream_is_cancelled_in_the_middle
    stream = generator.stream('the cat', endless)
    assert_equal 3, stream.each.first(3).length
    stream.cancel
    assert_operator stream.to_a.length, :<, 1_000_000
    assert_equal Trustformers::FinishReason::CANCELLED, stream.finish_reason
  end

  class Collector < Trustformers::TextListener
    attr_reader :pieces

    def on_text(text)
      (@pieces ||= []) << text
      @pieces.length < 3
    end
  end

  def test_listeners_get_the_text_and_cancel
    collector = Collector.new
    generated = generator.stream_to('the cat', collector, endless)
    assert_equal Trustformers::FinishReason::CANCELLED, generated.finish_reason
    assert generated.text.start_with?(collector.pieces.first(3).join)
  end

  def test_other_threads_run_while_a_text_is_generated
    stream = generator.stream('the cat', endless)
    ticks = 0
    ticking = Thread.new { loop { ticks += 1; sleep 0.001 } }
    stream.each { |_| stream.cancel if ticks > 3 }
    ticking.kill
    assert_operator ticks, :>, 3
  end

  def test_errors_name_the_culprit
    error = assert_raises(Error::Hub) { Trustformers::Encoder.load('/nonexistent/model') }
    assert_match(/nonexistent/, error.message)
    error = assert_raises(Error::Input) { generator.generate('x', options(other_keys: '{"max_new_token": 1}')) }
    assert_match(/max_new_token/, error.message)
    error = assert_raises(Error::Input) { tokenizer.decode([-1]) }
    assert_match(/token_ids: -1/, error.message)
    Dir.mktmpdir do |folder|
      offline = Trustformers::HubOptions.new(local_files_only: true, cache_dir: folder)
      assert_raises(Error::Hub) { Trustformers.download('org/name', nil, offline) }
    end
  end

  def resident_mib = File.read('/proc/self/statm').split[1].to_i * 4096.0 / 2**20

  def test_ten_thousand_objects_leave_no_memory
    model = Trustformers::Model.load(path('text_generation'), Trustformers::Head::CAUSAL_LM)
    tokenizer = Trustformers::Tokenizer.load(path('text_generation'))
    work = proc do
      1_000.times do
        Trustformers::Generator.new(model, tokenizer).stream('the', options(max_new_tokens: 1))
        tokenizer.encode('the cat sat on the mat')
      end
      # Ruby does not know how large the objects are.
      GC.start
    end
    2.times(&work)
    before = resident_mib
    10.times(&work)
    assert_operator resident_mib - before, :<, 16
  end
end
