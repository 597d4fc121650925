"""Events told to organisations: who may know what (`audience`), where to (`guard`), signed (`signing`), sent (`sending`)."""
