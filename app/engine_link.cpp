// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/engine_link.h"

#include <QCoreApplication>
#include <QCryptographicHash>
#include <QDateTime>
#include <QDir>
#include <QFileInfo>
#include <QPointer>
#include <QSaveFile>
#include <QStandardPaths>
#include <QThreadPool>

#include "app/own_recipe.h"
#include "engine/base/file_system.h"
#include "engine/run/run_folder.h"

namespace moescope {
namespace {

constexpr int kDescribeLimitMs = 30'000;
constexpr int kAskChildrenMs = 200;
constexpr qint64 kDescribeBytes = 16 << 20;

}  // namespace

EngineLink::EngineLink(std::filesystem::path engine, QObject* parent)
    : QObject(parent)
    , m_engine(engine.empty() ? besideUs() : std::move(engine))
{
    m_describeLimit.setSingleShot(true);
    connect(&m_describeLimit, &QTimer::timeout, this, [this] {
        if (m_describe)
            m_describe->kill();
    });
    m_children.setInterval(kAskChildrenMs);
    connect(&m_children, &QTimer::timeout, this, &EngineLink::askChildren);
}

EngineLink::~EngineLink()
{
    if (m_describe) {
        m_describe->disconnect(this);
        m_describe->kill();
        m_describe->waitForFinished(1000);
    }
}

std::filesystem::path EngineLink::besideUs()
{
    return std::filesystem::path(QCoreApplication::applicationDirPath().toStdString()) / "moescope-engine";
}

QString EngineLink::missing() const
{
    const QFileInfo file(QString::fromStdString(m_engine.string()));
    if (!file.exists())
        return tr("%1 is not there: build it with packaging/run, or put it beside the window's program")
            .arg(file.filePath());
    if (!file.isExecutable())
        return tr("%1 is not executable").arg(file.filePath());
    return {};
}

QString EngineLink::describeCache() const
{
    const QFileInfo file(QString::fromStdString(m_engine.string()));
    QString build = file.canonicalFilePath() + QLatin1Char('|') + QString::number(file.size()) + QLatin1Char('|')
        + QString::number(file.lastModified().toMSecsSinceEpoch());
    // The user's own recipes are part of what it says.
    for (const QFileInfo& recipe : QDir(QString::fromStdString(ownRecipesFolder().string())).entryInfoList(QDir::Files))
        build += QLatin1Char('|') + recipe.fileName() + QLatin1Char('|') + QString::number(recipe.size())
            + QLatin1Char('|') + QString::number(recipe.lastModified().toMSecsSinceEpoch());
    const QByteArray hash = QCryptographicHash::hash(build.toUtf8(), QCryptographicHash::Sha1).toHex();
    return QStandardPaths::writableLocation(QStandardPaths::GenericCacheLocation)
        + QStringLiteral("/moescope/describe-") + QString::fromLatin1(hash.left(16)) + QStringLiteral(".json");
}

void EngineLink::describe()
{
    if (const QString why = missing(); !why.isEmpty()) {
        Q_EMIT describeFailed(why, {});
        return;
    }
    QFile cache(describeCache());
    if (cache.size() > 0 && cache.size() < kDescribeBytes && cache.open(QIODevice::ReadOnly)) {
        Q_EMIT described(cache.readAll());
        return;
    }
    if (m_describe)
        return;
    m_describe = std::make_unique<QProcess>();
    m_describe->setProgram(QString::fromStdString(m_engine.string()));
    m_describe->setArguments({QStringLiteral("describe"), QStringLiteral("--json")});
    connect(m_describe.get(), &QProcess::finished, this, &EngineLink::describeFinished);
    connect(m_describe.get(), &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
        if (error == QProcess::FailedToStart)
            describeFinished(127, QProcess::NormalExit);
    });
    m_describe->start(QIODevice::ReadOnly);
    m_describeLimit.start(kDescribeLimitMs);
}

void EngineLink::describeFinished(int exitCode, QProcess::ExitStatus status)
{
    const bool timedOut = !m_describeLimit.isActive();
    m_describeLimit.stop();
    const QByteArray output = m_describe->readAllStandardOutput();
    const QString tail = QString::fromUtf8(m_describe->readAllStandardError().right(4096)).trimmed();
    const QString program = m_describe->program();
    m_describe.release()->deleteLater();
    if (status == QProcess::NormalExit && exitCode == 0 && !output.isEmpty()) {
        const QString name = describeCache();
        QDir().mkpath(QFileInfo(name).path());
        QSaveFile cache(name);
        if (cache.open(QIODevice::WriteOnly) && cache.write(output) == output.size())
            cache.commit();
        Q_EMIT described(output);
        return;
    }
    if (timedOut) {
        Q_EMIT describeFailed(tr("%1 describe gave no answer in 30 s").arg(program), tail);
        return;
    }
    const ProcessEnd end{exitCode, status == QProcess::CrashExit ? exitCode : 0};
    Q_EMIT describeFailed(
        program + QStringLiteral(": ") + QString::fromStdString(causeOfEnd(end, tail.toStdString())), tail);
}

std::filesystem::path EngineLink::stateFolder()
{
    // Qt 6.4 knows no state location.
    const QString set = qEnvironmentVariable("XDG_STATE_HOME");
    const QString base = set.isEmpty() ? QDir::homePath() + QStringLiteral("/.local/state") : set;
    return std::filesystem::path((base + QStringLiteral("/moescope")).toStdString());
}

QString EngineLink::newRunFolder(const QString& name)
{
    QString safe;
    for (const QChar c : name)
        safe += c.isLetterOrNumber() || c == QLatin1Char('-') || c == QLatin1Char('_') || c == QLatin1Char('.')
            ? c
            : QLatin1Char('-');
    const QString base = QString::fromStdString(RunFolder::defaultRoot().string()) + QLatin1Char('/')
        + (safe.isEmpty() ? QStringLiteral("run") : safe.left(80)) + QLatin1Char('-')
        + QDateTime::currentDateTime().toString(QStringLiteral("yyyyMMdd-HHmmss"));
    QString folder = base;
    for (int n = 2; QFileInfo::exists(folder); ++n)
        folder = base + QLatin1Char('-') + QString::number(n);
    return folder;
}

Result<void> EngineLink::spawn(
    const QString& folder, const std::vector<std::string>& arguments, const std::filesystem::path& log)
{
    if (const QString why = missing(); !why.isEmpty())
        return fail(ErrorKind::User, why.toStdString());
    const Result<int> pid = startDetached(arguments, log);
    if (!pid)
        return forward(pid);
    m_byPid[*pid] = Child{folder, log};
    m_children.start();
    Q_EMIT started(folder, *pid);
    return {};
}

Result<void> EngineLink::start(const QString& folder, const std::string& configJson)
{
    const std::filesystem::path place = stateFolder() / "starts";
    if (const Result<void> made = FileSystem::real().makeFolder(place); !made)
        return made;
    const std::string name = QFileInfo(folder).fileName().toStdString();
    const std::filesystem::path config = place / (name + ".json");
    QFile file(QString::fromStdString(config.string()));
    const QByteArray text = QByteArray::fromStdString(configJson);
    if (!file.open(QIODevice::WriteOnly | QIODevice::Truncate) || file.write(text) != text.size() || !file.flush())
        return fail(ErrorKind::Resources, config.string() + ": cannot be written: " + file.errorString().toStdString());
    file.close();
    return spawn(
        folder, {m_engine.string(), "train", config.string(), "--run", folder.toStdString()}, place / (name + ".log"));
}

Result<void> EngineLink::resume(const QString& folder)
{
    const std::filesystem::path place = stateFolder() / "starts";
    if (const Result<void> made = FileSystem::real().makeFolder(place); !made)
        return made;
    const std::string name = QFileInfo(folder).fileName().toStdString();
    return spawn(folder, {m_engine.string(), "resume", folder.toStdString()}, place / (name + ".log"));
}

Result<void> EngineLink::startQueue(const std::filesystem::path& queue)
{
    const std::filesystem::path place = stateFolder() / "starts";
    if (const Result<void> made = FileSystem::real().makeFolder(place); !made)
        return made;
    return spawn(
        QString::fromStdString(queue.string()), {m_engine.string(), "queue", queue.string()}, place / "queue.log");
}

void EngineLink::askChildren()
{
    std::vector<std::pair<Child, ProcessEnd>> gone;
    for (auto at = m_byPid.begin(); at != m_byPid.end();) {
        if (const std::optional<ProcessEnd> end = reap(at->first)) {
            gone.emplace_back(at->second, *end);
            at = m_byPid.erase(at);
        } else {
            ++at;
        }
    }
    if (m_byPid.empty())
        m_children.stop();
    for (const auto& [child, end] : gone) {
        const std::string tail = end.code == 0 ? std::string() : logTail(child.log);
        const QString cause = end.code == 0 ? QString() : QString::fromStdString(causeOfEnd(end, tail));
        Q_EMIT ended(child.folder, end.code, cause, QString::fromStdString(tail));
    }
}

void EngineLink::post(const RunView& run, Verb verb)
{
    Command command;
    command.verb = verb;
    command.issuer = "window";
    command.issued = static_cast<double>(QDateTime::currentMSecsSinceEpoch()) / 1000;
    command.expires = command.issued + 24 * 3600;
    command.epoch = run.status.startTime;
    const QPointer<EngineLink> self(this);
    const QString folder = run.folder;
    QThreadPool::globalInstance()->start([self, folder, command] {
        const Result<std::string> posted = postCommand(FileSystem::real(), folder.toStdString(), command);
        const QString cause = posted ? QString() : QString::fromStdString(posted.error().text);
        QMetaObject::invokeMethod(
            QCoreApplication::instance(),
            [self, folder, cause, verb = command.verb] {
                if (!self)
                    return;
                if (cause.isEmpty())
                    Q_EMIT self->commandPosted(
                        folder, QString::fromLatin1(verbName(verb).data(), qsizetype(verbName(verb).size())));
                else
                    Q_EMIT self->commandFailed(folder, cause);
            },
            Qt::QueuedConnection);
    });
}

}  // namespace moescope
