package sightline.model;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Every tensor of a language model but its embedding and output head, by canonical name, with its shape. */
final class DecoderTensors {
    private static final String MODEL = "language_model.model.";

    private final TextConfig text;
    private final long hidden;
    private final long queries;
    private final long keys;
    private final long intermediate;
    private final Map<String, List<Long>> shapes = new LinkedHashMap<>();

    private DecoderTensors(TextConfig text) {
        this.text = text;
        this.hidden = text.hidden();
        this.queries = (long) text.heads() * text.headDim();
        this.keys = (long) text.kvHeads() * text.headDim();
        this.intermediate = text.intermediate();
    }

    static Map<String, List<Long>> of(TextConfig text) {
        var tensors = new DecoderTensors(text);
        for (int i = 0; i < text.layers(); i++)
            tensors.layer(MODEL + "layers." + i + ".");
        tensors.finalNorm();
        return tensors.shapes;
    }

    private void layer(String layer) {
        switch (text.family()) {
            case GEMMA, LLAMA -> serial(layer);
            case PHI -> parallel(layer);
        }
    }

    private void finalNorm() {
        switch (text.family()) {
            case GEMMA, LLAMA -> shapes.put(MODEL + "norm.weight", List.of(hidden));
            case PHI -> TensorPlan.affine(MODEL + "final_layernorm", shapes, hidden);
        }
    }

    private void serial(String layer) {
        shapes.put(layer + "input_layernorm.weight", List.of(hidden));
        shapes.put(layer + "self_attn.q_proj.weight", List.of(queries, hidden));
        shapes.put(layer + "self_attn.k_proj.weight", List.of(keys, hidden));
        shapes.put(layer + "self_attn.v_proj.weight", List.of(keys, hidden));
        shapes.put(layer + "self_attn.o_proj.weight", List.of(hidden, queries));
        shapes.put(layer + "post_attention_layernorm.weight", List.of(hidden));
        shapes.put(layer + "mlp.gate_proj.weight", List.of(intermediate, hidden));
        shapes.put(layer + "mlp.up_proj.weight", List.of(intermediate, hidden));
        shapes.put(layer + "mlp.down_proj.weight", List.of(hidden, intermediate));
    }

    private void parallel(String layer) {
        TensorPlan.affine(layer + "input_layernorm", shapes, hidden);
        TensorPlan.affine(layer + "self_attn.q_proj", shapes, queries, hidden);
        TensorPlan.affine(layer + "self_attn.k_proj", shapes, keys, hidden);
        TensorPlan.affine(layer + "self_attn.v_proj", shapes, keys, hidden);
        TensorPlan.affine(layer + "self_attn.dense", shapes, hidden, queries);
        TensorPlan.affine(layer + "mlp.fc1", shapes, intermediate, hidden);
        TensorPlan.affine(layer + "mlp.fc2", shapes, hidden, intermediate);
    }
}
