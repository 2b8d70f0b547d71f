"""The tokenizer classes of families. Written by ci/python_stubs.py."""

from trustformers.tokenizers.fast import TokenizersBackend
from trustformers.tokenizers.translation import FairseqLanguages, Sentinels, TwoVocabularies, UnderscoredLanguages

__all__ = [
    "AlbertTokenizer",
    "AlbertTokenizerFast",
    "BartTokenizer",
    "BartTokenizerFast",
    "BarthezTokenizer",
    "BarthezTokenizerFast",
    "BertTokenizer",
    "BertTokenizerFast",
    "BigBirdTokenizer",
    "BigBirdTokenizerFast",
    "BlenderbotSmallTokenizer",
    "BlenderbotSmallTokenizerFast",
    "BlenderbotTokenizer",
    "BlenderbotTokenizerFast",
    "CLIPTokenizer",
    "CLIPTokenizerFast",
    "CamembertTokenizer",
    "CamembertTokenizerFast",
    "CodeGenTokenizer",
    "CodeGenTokenizerFast",
    "CodeLlamaTokenizer",
    "CodeLlamaTokenizerFast",
    "CohereTokenizer",
    "CohereTokenizerFast",
    "ConvBertTokenizer",
    "ConvBertTokenizerFast",
    "DPRContextEncoderTokenizer",
    "DPRContextEncoderTokenizerFast",
    "DPRQuestionEncoderTokenizer",
    "DPRQuestionEncoderTokenizerFast",
    "DPRReaderTokenizer",
    "DPRReaderTokenizerFast",
    "DebertaTokenizer",
    "DebertaTokenizerFast",
    "DebertaV2Tokenizer",
    "DebertaV2TokenizerFast",
    "DistilBertTokenizer",
    "DistilBertTokenizerFast",
    "ElectraTokenizer",
    "ElectraTokenizerFast",
    "EsmcTokenizer",
    "EsmcTokenizerFast",
    "FNetTokenizer",
    "FNetTokenizerFast",
    "FunnelTokenizer",
    "FunnelTokenizerFast",
    "GPT2Tokenizer",
    "GPT2TokenizerFast",
    "GPTNeoXTokenizer",
    "GPTNeoXTokenizerFast",
    "GemmaTokenizer",
    "GemmaTokenizerFast",
    "HerbertTokenizer",
    "HerbertTokenizerFast",
    "LEDTokenizer",
    "LEDTokenizerFast",
    "LayoutLMTokenizer",
    "LayoutLMTokenizerFast",
    "LayoutLMv2Tokenizer",
    "LayoutLMv2TokenizerFast",
    "LayoutLMv3Tokenizer",
    "LayoutLMv3TokenizerFast",
    "LayoutXLMTokenizer",
    "LayoutXLMTokenizerFast",
    "LlamaTokenizer",
    "LlamaTokenizerFast",
    "LongformerTokenizer",
    "LongformerTokenizerFast",
    "LukeTokenizer",
    "LukeTokenizerFast",
    "LxmertTokenizer",
    "LxmertTokenizerFast",
    "M2M100Tokenizer",
    "M2M100TokenizerFast",
    "MBart50Tokenizer",
    "MBart50TokenizerFast",
    "MBartTokenizer",
    "MBartTokenizerFast",
    "MLukeTokenizer",
    "MLukeTokenizerFast",
    "MPNetTokenizer",
    "MPNetTokenizerFast",
    "MarianTokenizer",
    "MarianTokenizerFast",
    "MarkupLMTokenizer",
    "MarkupLMTokenizerFast",
    "MobileBertTokenizer",
    "MobileBertTokenizerFast",
    "MvpTokenizer",
    "MvpTokenizerFast",
    "NllbTokenizer",
    "NllbTokenizerFast",
    "NougatTokenizer",
    "NougatTokenizerFast",
    "OpenAIGPTTokenizer",
    "OpenAIGPTTokenizerFast",
    "PegasusTokenizer",
    "PegasusTokenizerFast",
    "Qwen2Tokenizer",
    "Qwen2TokenizerFast",
    "Qwen3_5Tokenizer",
    "Qwen3_5TokenizerFast",
    "ReformerTokenizer",
    "ReformerTokenizerFast",
    "RemBertTokenizer",
    "RemBertTokenizerFast",
    "RoFormerTokenizer",
    "RoFormerTokenizerFast",
    "RobertaTokenizer",
    "RobertaTokenizerFast",
    "SeamlessM4TTokenizer",
    "SeamlessM4TTokenizerFast",
    "Siglip2Tokenizer",
    "Siglip2TokenizerFast",
    "SplinterTokenizer",
    "SplinterTokenizerFast",
    "SqueezeBertTokenizer",
    "SqueezeBertTokenizerFast",
    "T5Tokenizer",
    "T5TokenizerFast",
    "UdopTokenizer",
    "UdopTokenizerFast",
    "WhisperTokenizer",
    "WhisperTokenizerFast",
    "XGLMTokenizer",
    "XGLMTokenizerFast",
    "XLMRobertaTokenizer",
    "XLMRobertaTokenizerFast",
    "XLNetTokenizer",
    "XLNetTokenizerFast",
]

def classes() -> dict[str, type[TokenizersBackend]]: ...
def modules() -> dict[str, dict[str, type[TokenizersBackend]]]: ...
def tokenizer_class(name: str) -> type[TokenizersBackend]: ...

class AlbertTokenizer(TokenizersBackend): ...
class BarthezTokenizer(TokenizersBackend): ...
class BertTokenizer(TokenizersBackend): ...
class BigBirdTokenizer(TokenizersBackend): ...
class BlenderbotSmallTokenizer(TokenizersBackend): ...
class BlenderbotTokenizer(TokenizersBackend): ...
class CLIPTokenizer(TokenizersBackend): ...
class CamembertTokenizer(TokenizersBackend): ...
class CodeGenTokenizer(TokenizersBackend): ...
class CodeLlamaTokenizer(TokenizersBackend): ...
class CohereTokenizer(TokenizersBackend): ...
class ConvBertTokenizer(BertTokenizer): ...
class DPRContextEncoderTokenizer(BertTokenizer): ...
class DPRQuestionEncoderTokenizer(BertTokenizer): ...
class DPRReaderTokenizer(BertTokenizer): ...
class DebertaTokenizer(TokenizersBackend): ...
class DebertaV2Tokenizer(TokenizersBackend): ...
class DistilBertTokenizer(BertTokenizer): ...
class EsmcTokenizer(TokenizersBackend): ...
class FNetTokenizer(AlbertTokenizer): ...
class FunnelTokenizer(TokenizersBackend): ...
class GPT2Tokenizer(TokenizersBackend): ...
class GPTNeoXTokenizer(TokenizersBackend): ...
class GemmaTokenizer(TokenizersBackend): ...
class HerbertTokenizer(TokenizersBackend): ...
class LayoutLMv2Tokenizer(TokenizersBackend): ...
class LayoutLMv3Tokenizer(TokenizersBackend): ...
class LayoutXLMTokenizer(TokenizersBackend): ...
class LlamaTokenizer(TokenizersBackend): ...
class LukeTokenizer(TokenizersBackend): ...
class M2M100Tokenizer(UnderscoredLanguages): ...
class MBart50Tokenizer(FairseqLanguages): ...
class MBartTokenizer(FairseqLanguages): ...
class MLukeTokenizer(TokenizersBackend): ...
class MPNetTokenizer(TokenizersBackend): ...
class MarianTokenizer(TwoVocabularies): ...
class MarkupLMTokenizer(TokenizersBackend): ...
class NllbTokenizer(FairseqLanguages): ...
class NougatTokenizer(TokenizersBackend): ...
class OpenAIGPTTokenizer(TokenizersBackend): ...
class PegasusTokenizer(TokenizersBackend): ...
class Qwen2Tokenizer(TokenizersBackend): ...
class Qwen3_5Tokenizer(TokenizersBackend): ...
class ReformerTokenizer(TokenizersBackend): ...
class RemBertTokenizer(TokenizersBackend): ...
class RoFormerTokenizer(TokenizersBackend): ...
class RobertaTokenizer(TokenizersBackend): ...
class SeamlessM4TTokenizer(TokenizersBackend): ...
class Siglip2Tokenizer(TokenizersBackend): ...
class SplinterTokenizer(TokenizersBackend): ...
class T5Tokenizer(Sentinels): ...
class UdopTokenizer(TokenizersBackend): ...
class WhisperTokenizer(TokenizersBackend): ...
class XGLMTokenizer(TokenizersBackend): ...
class XLMRobertaTokenizer(TokenizersBackend): ...
class XLNetTokenizer(TokenizersBackend): ...
AlbertTokenizerFast = AlbertTokenizer
BartTokenizer = RobertaTokenizer
BartTokenizerFast = RobertaTokenizer
BarthezTokenizerFast = BarthezTokenizer
BertTokenizerFast = BertTokenizer
BigBirdTokenizerFast = BigBirdTokenizer
BlenderbotSmallTokenizerFast = BlenderbotSmallTokenizer
BlenderbotTokenizerFast = BlenderbotTokenizer
CLIPTokenizerFast = CLIPTokenizer
CamembertTokenizerFast = CamembertTokenizer
CodeGenTokenizerFast = CodeGenTokenizer
CodeLlamaTokenizerFast = CodeLlamaTokenizer
CohereTokenizerFast = CohereTokenizer
ConvBertTokenizerFast = ConvBertTokenizer
DPRContextEncoderTokenizerFast = DPRContextEncoderTokenizer
DPRQuestionEncoderTokenizerFast = DPRQuestionEncoderTokenizer
DPRReaderTokenizerFast = DPRReaderTokenizer
DebertaTokenizerFast = DebertaTokenizer
DebertaV2TokenizerFast = DebertaV2Tokenizer
DistilBertTokenizerFast = DistilBertTokenizer
ElectraTokenizer = BertTokenizer
ElectraTokenizerFast = BertTokenizer
EsmcTokenizerFast = EsmcTokenizer
FNetTokenizerFast = FNetTokenizer
FunnelTokenizerFast = FunnelTokenizer
GPT2TokenizerFast = GPT2Tokenizer
GPTNeoXTokenizerFast = GPTNeoXTokenizer
GemmaTokenizerFast = GemmaTokenizer
HerbertTokenizerFast = HerbertTokenizer
LEDTokenizer = RobertaTokenizer
LEDTokenizerFast = RobertaTokenizer
LayoutLMTokenizer = BertTokenizer
LayoutLMTokenizerFast = BertTokenizer
LayoutLMv2TokenizerFast = LayoutLMv2Tokenizer
LayoutLMv3TokenizerFast = LayoutLMv3Tokenizer
LayoutXLMTokenizerFast = LayoutXLMTokenizer
LlamaTokenizerFast = LlamaTokenizer
LongformerTokenizer = RobertaTokenizer
LongformerTokenizerFast = RobertaTokenizer
LukeTokenizerFast = LukeTokenizer
LxmertTokenizer = BertTokenizer
LxmertTokenizerFast = BertTokenizer
M2M100TokenizerFast = M2M100Tokenizer
MBart50TokenizerFast = MBart50Tokenizer
MBartTokenizerFast = MBartTokenizer
MLukeTokenizerFast = MLukeTokenizer
MPNetTokenizerFast = MPNetTokenizer
MarianTokenizerFast = MarianTokenizer
MarkupLMTokenizerFast = MarkupLMTokenizer
MobileBertTokenizer = BertTokenizer
MobileBertTokenizerFast = BertTokenizer
MvpTokenizer = RobertaTokenizer
MvpTokenizerFast = RobertaTokenizer
NllbTokenizerFast = NllbTokenizer
NougatTokenizerFast = NougatTokenizer
OpenAIGPTTokenizerFast = OpenAIGPTTokenizer
PegasusTokenizerFast = PegasusTokenizer
Qwen2TokenizerFast = Qwen2Tokenizer
Qwen3_5TokenizerFast = Qwen3_5Tokenizer
ReformerTokenizerFast = ReformerTokenizer
RemBertTokenizerFast = RemBertTokenizer
RoFormerTokenizerFast = RoFormerTokenizer
RobertaTokenizerFast = RobertaTokenizer
SeamlessM4TTokenizerFast = SeamlessM4TTokenizer
Siglip2TokenizerFast = Siglip2Tokenizer
SplinterTokenizerFast = SplinterTokenizer
SqueezeBertTokenizer = BertTokenizer
SqueezeBertTokenizerFast = BertTokenizer
T5TokenizerFast = T5Tokenizer
UdopTokenizerFast = UdopTokenizer
WhisperTokenizerFast = WhisperTokenizer
XGLMTokenizerFast = XGLMTokenizer
XLMRobertaTokenizerFast = XLMRobertaTokenizer
XLNetTokenizerFast = XLNetTokenizer
