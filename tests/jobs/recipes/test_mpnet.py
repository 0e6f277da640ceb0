"""An MPNet with a BERT's wordpieces: the same network, and a teacher of that BERT."""

import json

import pytest

from jobs.recipes.mpnet import SPECIAL, main, rows
from tests.jobs.small_bert import QUICK, TRAINING, ran

pytestmark = TRAINING
TEXT = "no gout , stop metformin today"
LABELLED = "no\tO\ngout\tB-Disease\n,\tO\nstop\tO\nmetformin\tB-Drug\n\n"


@pytest.fixture
def mpnet(base, tmp_path):
    """A small random MPNet: the base's wordpieces in another order, under MPNet's names."""
    import torch
    from tokenizers.implementations import BertWordPieceTokenizer
    from transformers import AutoTokenizer, MPNetConfig, MPNetModel, PreTrainedTokenizerFast

    pieces = AutoTokenizer.from_pretrained(base).get_vocab()
    names = ["<s>", "<pad>", "</s>", "<unk>", *sorted(pieces.keys() - SPECIAL), "<mask>"]
    words = BertWordPieceTokenizer(
        {name: i for i, name in enumerate(names)}, lowercase=True, sep_token="</s>", cls_token="<s>",
        pad_token="<pad>", mask_token="<mask>",
    )  # fmt: skip
    torch.manual_seed(3)
    config = MPNetConfig(
        vocab_size=len(names), hidden_size=32, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=64, max_position_embeddings=130,
    )  # fmt: skip
    folder = tmp_path / "mpnet"
    MPNetModel(config, add_pooling_layer=False).save_pretrained(folder)
    PreTrainedTokenizerFast(
        tokenizer_object=words._tokenizer, cls_token="<s>", sep_token="</s>", pad_token="<pad>",
        mask_token="<mask>",
    ).save_pretrained(folder)  # fmt: skip
    return folder


def hidden(folder):
    import torch
    from transformers import AutoTokenizer, MPNetModel

    asked = AutoTokenizer.from_pretrained(folder)(TEXT, return_tensors="pt")
    model = MPNetModel.from_pretrained(folder, add_pooling_layer=False).eval()
    with torch.no_grad():
        found = model(input_ids=asked["input_ids"], attention_mask=asked["attention_mask"])
    return asked["input_ids"].tolist(), found.last_hidden_state


def test_the_same_text_has_other_numbers_and_the_same_hidden_states(base, mpnet, tmp_path):
    from transformers import AutoTokenizer

    main(mpnet, base, tmp_path / "renumbered")

    before, states = hidden(mpnet)
    numbers, same = hidden(tmp_path / "renumbered")
    assert numbers != before
    assert numbers[0] == AutoTokenizer.from_pretrained(base)(TEXT)["input_ids"]
    assert same.tolist() == states.tolist()


def test_it_is_trained_and_teaches_the_bert(base, mpnet, tmp_path):
    main(mpnet, base, tmp_path / "renumbered")
    (tmp_path / "train.tsv").write_text(LABELLED * 8, encoding="utf-8")
    given = ["--train", tmp_path / "train.tsv", *QUICK]

    said = ran("train", tmp_path / "renumbered", tmp_path / "teacher", *given)
    ran("train", base, tmp_path / "student", *given, "--teacher", tmp_path / "teacher" / "hf")

    assert "can only teach a BERT" in said
    metrics = json.loads((tmp_path / "student" / "hf" / "metrics.json").read_text("utf-8"))
    assert metrics["settings"]["teachers"] == ["teacher"]


def test_a_bert_with_wordpieces_of_its_own_is_refused():
    with pytest.raises(ValueError, match=r"1 of 2 wordpieces of the BERT are not MPNet's"):
        rows({"fever": 4}, {"fever": 0, "fièvre": 1})
