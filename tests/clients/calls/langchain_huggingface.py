"""langchain-huggingface: pipelines as language models, as chat models, and embeddings."""

from __future__ import annotations

from langchain_huggingface import ChatHuggingFace, HuggingFaceEmbeddings, HuggingFacePipeline

GREEDY = {"max_new_tokens": 8, "do_sample": False}


def pipeline_by_id():
    model = HuggingFacePipeline.from_model_id("tiny/gpt2", "text-generation", pipeline_kwargs=GREEDY)
    return [model.invoke("The library"), *model.batch(["Anna Smith", "A good"]), "".join(model.stream("The film"))]


def pipeline_of_the_callers():
    from transformers import AutoModelForCausalLM, AutoTokenizer, pipeline

    tokenizer = AutoTokenizer.from_pretrained("tiny/gpt2")
    model = AutoModelForCausalLM.from_pretrained("tiny/gpt2")
    return HuggingFacePipeline(pipeline=pipeline("text-generation", model, tokenizer=tokenizer, **GREEDY)).invoke("One")


def chat():
    model = HuggingFacePipeline.from_model_id("tiny/llama", "text-generation", pipeline_kwargs=GREEDY)
    return ChatHuggingFace(llm=model).invoke("What is the capital?").content


def embeddings():
    model = HuggingFaceEmbeddings(model_name="tiny/embedding")
    return [model.embed_query("A good film"), *model.embed_documents(["The answer", "One, two, three"])]
