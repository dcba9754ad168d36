"""What every object store does, the real one and the one in memory."""

from __future__ import annotations

import io

import pytest

from docqa.errors import NotFoundError
from docqa.ports.objects import ObjectStore


class ObjectStoreContract:
    """Derive from it and provide the fixture `store`: an empty, versioned bucket."""

    def test_what_is_written_can_be_read_and_is_replaced(self, store: ObjectStore) -> None:
        store.write("a/one.txt", b"first")
        store.write("a/one.txt", io.BytesIO(b"second"), "text/plain")

        assert store.read("a/one.txt") == b"second"
        assert store.exists("a/one.txt")

    def test_an_older_version_stays_readable(self, store: ObjectStore) -> None:
        store.write("a", b"first")
        first = store.head("a")
        store.write("a", b"second")

        assert first is not None
        assert store.read("a", first.version_id) == b"first"
        with store.open("a", first.version_id) as file:
            assert file.read() == b"first"
            assert file.seek(0) == 0

    def test_a_version_is_copied_to_another_key(self, store: ObjectStore) -> None:
        store.write("t/a b+ü.pdf", b"first")
        first = store.head("t/a b+ü.pdf")
        store.write("t/a b+ü.pdf", b"second")

        assert first is not None
        store.copy(store.bucket, "t/a b+ü.pdf", first.version_id, "t/kept")
        assert store.read("t/kept") == b"first"
        store.delete_version("t/a b+ü.pdf", first.version_id)
        with pytest.raises(NotFoundError):
            store.copy(store.bucket, "t/a b+ü.pdf", first.version_id, "t/other")
        assert not store.exists("t/other")

    def test_what_is_deleted_or_never_was_is_absent(self, store: ObjectStore) -> None:
        store.write("a", b"x")
        store.delete("a")

        for key in ("a", "never"):
            assert store.head(key) is None
            assert not store.exists(key)
            with pytest.raises(NotFoundError):
                store.read(key)
            with pytest.raises(NotFoundError), store.open(key):
                pass

    @pytest.mark.parametrize("key", ["t/a b+c.pdf", "t/100%25 ü/报告?.pdf", "t/" + "x" * 1_022])
    def test_any_key_works(self, store: ObjectStore, key: str) -> None:
        """Promise 18: keys with spaces, plus signs, Unicode and 1,024 bytes work."""
        store.write(key, b"12345")

        stored = store.head(key)

        assert stored is not None
        assert (stored.key, stored.size, stored.bucket) == (key, 5, store.bucket)
        assert [found.key for found in store.list_objects("t/")] == [key]

    def test_objects_are_listed_in_key_order_from_a_key_on(self, store: ObjectStore) -> None:
        for key in ("p/3", "p/1", "p/2", "q/1"):
            store.write(key, b"x")

        assert [found.key for found in store.list_objects("p/")] == ["p/1", "p/2", "p/3"]
        assert [found.key for found in store.list_objects("p/", start_after="p/1")] == ["p/2", "p/3"]

    def test_a_prefix_is_deleted_whole_and_nothing_beside_it(self, store: ObjectStore) -> None:
        for key in ("doc/1/a", "doc/1/b/c", "doc/10/a"):
            store.write(key, b"x")

        assert store.delete_prefix("doc/1/") == 2
        assert [found.key for found in store.list_objects("doc/")] == ["doc/10/a"]
        assert store.delete_prefix("doc/1/") == 0

    def test_versions_are_told_newest_first_since_the_last_deletion(self, store: ObjectStore) -> None:
        for body in (b"gone", b"one", b"two"):
            store.write("a", body)
            if body == b"gone":
                store.delete("a")
        store.write("ab", b"another key")

        # S3's times are whole seconds: of what was written in the second of the deletion only the current is sure.
        found = store.versions("a")
        current = store.head("a")
        assert current is not None
        assert found[0].version_id == current.version_id
        assert all(one.key == "a" for one in found)
        assert [store.read("a", one.version_id) for one in found] in ([b"two", b"one"], [b"two"])
        assert store.versions("never") == []

    def test_a_version_is_looked_at_and_taken_away_for_good(self, store: ObjectStore) -> None:
        store.write("a", b"first")
        store.write("a", b"second")
        second = store.head("a")
        assert second is not None
        assert store.head("a", second.version_id) == second

        store.delete_version("a", second.version_id)

        assert store.read("a") == b"first"
        assert store.head("a", second.version_id) is None

    def test_the_latest_version_of_every_key_is_told_in_key_order(self, store: ObjectStore) -> None:
        for key in ("a/b", "a b/c", "a/ä", "a/a"):
            store.write(key, b"one")
        store.write("a/b", b"two")
        store.delete("a/a")
        latest = list(store.latest_versions())
        assert [one.key for one in latest] == ["a b/c", "a/a", "a/b", "a/ä"]
        heads = [store.head(one.key) for one in latest]
        assert [one.version_id for one in latest] == [head.version_id if head else "" for head in heads]
        assert [one.key for one in store.latest_versions("a/a")] == ["a/b", "a/ä"]

    def test_other_bytes_have_another_tag(self, store: ObjectStore) -> None:
        tags = []
        for body in (b"one", b"two", b"one"):
            store.write("a", body)
            found = store.head("a")
            assert found is not None
            tags.append(found.etag)
        assert tags[0] == tags[2] != tags[1]
        assert all(tags)
