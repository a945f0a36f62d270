"""Writes a language model of half a megabyte, with weights by chance: enough for a server to load and to answer."""

import sys

import gguf
import numpy


def write(path, pooling=None):
    chance = numpy.random.default_rng(7)
    embedding, heads, kv_heads, layers, forward = 64, 4, 2, 2, 128
    # Bytes, a blank, and letters: all that a tokenizer of this kind needs.
    tokens = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256)), "\u2581", *map(chr, range(97, 123))]
    kinds = [2, 3, 3] + [6] * 256 + [1] * 27

    writer = gguf.GGUFWriter(path, "llama")
    writer.add_context_length(2048)
    writer.add_embedding_length(embedding)
    writer.add_block_count(layers)
    writer.add_feed_forward_length(forward)
    writer.add_head_count(heads)
    writer.add_head_count_kv(kv_heads)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(embedding // heads)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores([0.0] * len(tokens))
    writer.add_token_types(kinds)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    writer.add_chat_template("{% for m in messages %}{{ m['content'] }}\n{% endfor %}")
    if pooling is not None:
        writer.add_pooling_type(getattr(gguf.PoolingType, pooling))

    def weights(name, *shape):
        writer.add_tensor(f"{name}.weight", (chance.standard_normal(shape) * 0.05).astype(numpy.float32))

    def ones(name):
        writer.add_tensor(f"{name}.weight", numpy.ones(embedding, dtype=numpy.float32))

    weights("token_embd", len(tokens), embedding)
    weights("output", len(tokens), embedding)
    ones("output_norm")
    for layer in range(layers):
        block = f"blk.{layer}"
        ones(f"{block}.attn_norm")
        ones(f"{block}.ffn_norm")
        weights(f"{block}.attn_q", embedding, embedding)
        weights(f"{block}.attn_k", embedding // heads * kv_heads, embedding)
        weights(f"{block}.attn_v", embedding // heads * kv_heads, embedding)
        weights(f"{block}.attn_output", embedding, embedding)
        weights(f"{block}.ffn_gate", forward, embedding)
        weights(f"{block}.ffn_up", forward, embedding)
        weights(f"{block}.ffn_down", embedding, forward)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    write(*sys.argv[1:])
