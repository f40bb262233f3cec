// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <map>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/control/queue_worker.h"
#include "engine/run/run_folder.h"
#include "tests/support/temporary_folder.h"

namespace moescope {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Queue : public testing::Test {
protected:
    TemporaryFolder m_folder;
    RunQueue m_queue = RunQueue::open(m_folder / "queue").value();

    std::string add(const std::string& name) const { return m_queue.add(name, "{}", m_folder / name).value(); }

    std::vector<std::string> names(QueuePlace place) const
    {
        std::vector<std::string> all;
        for (const QueueEntry& entry : m_queue.list(place))
            all.push_back(entry.name);
        return all;
    }

    /// A program that is started as `engine train CONFIG --run RUN`.
    std::filesystem::path engine(const std::string& script) const
    {
        writeBytes(m_folder / "engine", "#!/bin/sh\n" + script + "\n");
        std::filesystem::permissions(m_folder / "engine", std::filesystem::perms::owner_all);
        return m_folder / "engine";
    }

    Result<int> work(const std::filesystem::path& program) const
    {
        return workQueue(m_queue, program, [](const std::string&) {});
    }
};

/// What a killed process would leave behind.
void killedWorker(const RunQueue& queue, int pid)
{
    std::optional<QueueLock> lock = queue.tryWork().value();
    const QueueEntry entry = queue.claim(lock).value().value();
    ASSERT_TRUE(queue.notePid(entry, pid));
}

TEST_F(Queue, KeepsTheOrderInWhichRunsWereAdded)
{
    add("one");
    add("two");
    add("three");
    EXPECT_THAT(names(QueuePlace::Waiting), ElementsAre("one", "two", "three"));
}

TEST_F(Queue, MovesAndRemovesWhatWaits)
{
    const std::string one = add("one");
    add("two");
    const std::string three = add("three");
    ASSERT_TRUE(m_queue.move(three, 0));
    EXPECT_THAT(names(QueuePlace::Waiting), ElementsAre("three", "one", "two"));
    ASSERT_TRUE(m_queue.move(three, 1));
    EXPECT_THAT(names(QueuePlace::Waiting), ElementsAre("one", "three", "two"));
    ASSERT_TRUE(m_queue.move(one, 99));
    EXPECT_THAT(names(QueuePlace::Waiting), ElementsAre("three", "two", "one"));
    ASSERT_TRUE(m_queue.remove(three));
    EXPECT_THAT(names(QueuePlace::Waiting), ElementsAre("two", "one"));
    EXPECT_THAT(m_queue.remove(three).error().text, HasSubstr("not waiting any more"));
    EXPECT_FALSE(m_queue.move("nothing", 0));
}

TEST_F(Queue, RefusesALargeConfigurationAndShowsABrokenFile)
{
    EXPECT_THAT(m_queue.add("big", std::string(600'000, ' '), m_folder / "big").error().text, HasSubstr("512 KiB"));
    writeBytes(m_folder / "queue/waiting/broken.json", "{\"format_version\": 1, \"name\": 3}");
    writeBytes(m_folder / "queue/waiting/newer.json", "{\"format_version\": 9}");
    const std::vector<QueueEntry> waiting = m_queue.list(QueuePlace::Waiting);
    ASSERT_EQ(waiting.size(), 2U);
    EXPECT_THAT(waiting[0].problem, HasSubstr("broken.json"));
    EXPECT_THAT(waiting[1].problem, HasSubstr("newer version"));
    // Nothing is trained from them, and they are not lost.
    EXPECT_EQ(work("/bin/false").value(), 0);
    EXPECT_EQ(m_queue.list(QueuePlace::Waiting).size(), 2U);
}

TEST_F(Queue, TrainsOneAfterTheOtherAndGoesOnAfterAFailure)
{
    add("one");
    add("two");
    add("three");
    const auto program = engine("echo \"$1 $(cat $2) $3 $(basename $4)\" >> " + (m_folder / "called").string()
        + "; case $4 in *two) echo no such corpus; exit 3;; esac");
    EXPECT_EQ(work(program).value(), 3);
    EXPECT_EQ(readBytes(m_folder / "called"), "train {} --run one\ntrain {} --run two\ntrain {} --run three\n");
    EXPECT_THAT(names(QueuePlace::Done), ElementsAre("three", "two", "one"));
    const QueueEntry two = m_queue.list(QueuePlace::Done)[1];
    EXPECT_EQ(two.code, 3);
    EXPECT_EQ(two.cause, "no such corpus");
    EXPECT_FALSE(m_queue.isWorkedOn());
}

TEST_F(Queue, IsWorkedOnByOneAtATime)
{
    add("one");
    const std::optional<QueueLock> other = m_queue.tryWork().value();
    ASSERT_TRUE(other.has_value());
    EXPECT_TRUE(m_queue.isWorkedOn());
    std::string said;
    EXPECT_EQ(workQueue(m_queue, "/bin/true", [&](const std::string& line) { said = line; }).value(), 0);
    EXPECT_THAT(said, HasSubstr("Another process works on"));
    EXPECT_THAT(names(QueuePlace::Waiting), ElementsAre("one"));
}

TEST_F(Queue, ReleasesTheQueueWithTheLookThatFindsItEmpty)
{
    std::optional<QueueLock> lock = m_queue.tryWork().value();
    EXPECT_FALSE(m_queue.claim(lock).value().has_value());
    EXPECT_FALSE(lock.has_value());
    EXPECT_FALSE(m_queue.isWorkedOn());
}

TEST_F(Queue, TakesInWhatAKilledWorkerLeft)
{
    add("never begun");
    add("ended");
    add("died");
    const auto made = [&](const char* name, std::optional<RunExit> exit) {
        RunIdentity identity;
        identity.name = name;
        const auto run = RunFolder::create(FileSystem::real(), m_folder / name, identity, "{}").value();
        RunStatus status;
        status.state = exit ? RunState::Failed : RunState::Training;
        status.exit = exit;
        ASSERT_TRUE(run.writeStatus(status));
    };
    made("ended", RunExit{5, "diverged", -1});
    made("died", {});
    for (int i = 0; i < 3; ++i)
        killedWorker(m_queue, 0);
    EXPECT_EQ(names(QueuePlace::Running).size(), 3U);
    EXPECT_EQ(work("/bin/true").value(), 1);
    std::map<std::string, std::string> causes;
    for (const QueueEntry& entry : m_queue.list(QueuePlace::Done))
        causes[entry.name] = std::to_string(entry.code) + " " + entry.cause;
    EXPECT_EQ(causes["never begun"], "0 ");
    EXPECT_EQ(causes["ended"], "5 diverged");
    EXPECT_EQ(causes["died"], "70 the training ended without a word");
}

TEST_F(Queue, WaitsForATrainingThatOutlivedItsWorker)
{
    add("long");
    add("next");
    RunIdentity identity;
    const auto run = RunFolder::create(FileSystem::real(), m_folder / "long", identity, "{}").value();
    std::optional<RunLock> training = run.lock().value();
    killedWorker(m_queue, 0);
    std::jthread worker([&] { EXPECT_EQ(work("/bin/true").value(), 1); });
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    while (!m_queue.isWorkedOn() && std::chrono::steady_clock::now() < deadline)
        std::this_thread::yield();
    EXPECT_TRUE(m_queue.isWorkedOn());
    EXPECT_THAT(names(QueuePlace::Waiting), ElementsAre("next"));
    RunStatus status;
    status.state = RunState::Finished;
    status.exit = RunExit{};
    ASSERT_TRUE(run.writeStatus(status));
    training.reset();
    worker.join();
    EXPECT_THAT(names(QueuePlace::Done), ElementsAre("next", "long"));
}

}  // namespace
}  // namespace moescope
